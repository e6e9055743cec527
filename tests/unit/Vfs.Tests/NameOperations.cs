using CsCheck;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests;

/// <summary>Random changes of names, rights and mounts below /t, where the client works.</summary>
internal sealed class NameOperations(TestClient client)
{
    private const uint User = 1000;

    /// <summary>Names below /t.</summary>
    public static readonly string[] Names =
        ["a", "b", "c", "d", "a/x", "b/x", "a/y", "b/c/z", "a/", "..", "a/../b", "link", "link/x", "none/x", "a/x/y", "m", "m/x", "m/y/z", "a/link"];

    private static readonly uint[] Modes = [0x1ED, 0x1C0, 0x1C9, 0x3FF, 0x1A4, 0, 0x1FF];

    /// <summary>Sequences of them.</summary>
    public static Gen<(int Kind, int A, int B)[]> Any { get; } = Gen.Select(Gen.Int[0, 17], Gen.Int[0, 999], Gen.Int[0, 999]).Array[1, 80];

    /// <summary>One of them, chosen by three numbers.</summary>
    public void Step(int kind, int a, int b)
    {
        string name = (b % 2 == 0 ? "/t/" : "") + Names[a % Names.Length], other = "/t/" + Names[b % Names.Length];
        switch (kind)
        {
            case 0:
                client.MakeDirectory(name, Modes[b % Modes.Length]);
                break;
            case 1:
                client.ChangeMode(name, Modes[b % Modes.Length]);
                break;
            case 2:
                client.Close(client.Open(name, OpenFlags.Create | OpenFlags.ReadWrite | (b % 3 == 0 ? OpenFlags.Truncate : 0)));
                break;
            case 3:
                long written = client.Open(name, OpenFlags.ReadWrite);
                client.Write(written, new byte[b % 10 * 700 + 1], b * 10);
                client.Close(written);
                break;
            case 4:
                client.Unlink(name);
                break;
            case 5:
                client.RemoveDirectory(name);
                break;
            case 6 or 7:
                client.Rename(name, other, (ulong)(b % 4 == 3 ? 2 : 0));
                break;
            case 8:
                client.Link(name, other);
                break;
            case 9:
                client.SymbolicLink(b % 5 == 0 ? new string('t', 120) : Names[b % 8], name);
                break;
            case 10:
                client.Call(VfsOperation.ChangeOwner, TestClient.Bytes(name), a0: VfsLimits.WorkingDirectory, a1: User | (ulong)b << 32);
                break;
            case 11:
                client.Call(VfsOperation.SetTimes, TestClient.Bytes(name), a0: VfsLimits.WorkingDirectory, a1: (ulong)a, a2: (ulong)b);
                break;
            case 12:
                if (b % 3 == 0)
                    Mount(name);
                else
                    client.Call(VfsOperation.Unmount, TestClient.Bytes(name), a0: b % 3 == 1 ? 2ul : 0);
                break;
            case 13:
                long read = client.Open(name);
                client.Read(read, 10, out _);
                client.Close(read);
                break;
            case 14:
                client.Call(VfsOperation.Access, TestClient.Bytes(name), a0: VfsLimits.WorkingDirectory, a1: (ulong)(b % 8));
                break;
            case 15:
                client.ReadLink(name, out _);
                break;
            default:
                client.Stat(name, out _, follow: b % 2 == 0);
                break;
        }
    }

    /// <summary>Mounts a file system in memory.</summary>
    public long Mount(string path)
    {
        byte[] target = TestClient.Bytes(path), type = TestClient.Bytes("tmpfs"), data = TestClient.Bytes("mode=755");
        return client.Call(VfsOperation.Mount, [.. target, .. type, .. data], a2: (ulong)target.Length, a3: (ulong)type.Length, a4: (ulong)data.Length,
            a0: (ulong)(path.Length % 2 == 0 ? MountFlags.NoExecute : MountFlags.None));
    }
}
