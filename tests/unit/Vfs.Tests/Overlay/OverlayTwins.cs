using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests.Overlay;

/// <summary>Random operations, each made below /o, an overlay, and below /t, a tmpfs: both answer the same, but for what cannot move in an overlay.</summary>
internal sealed class OverlayTwins(OverlaySystem system, int seed)
{
    private const ulong NoReplace = 1, Exchange = 2;

    private readonly Random random = new(seed);
    private readonly List<(long Over, long Twin)> open = [];

    private TestClient Client => system.Client;

    /// <summary>Fills the layers, with whiteouts in them.</summary>
    public void Prepare()
    {
        foreach (string layer in (string[])[system.Second, system.First, system.Upper])
        {
            for (int number = 0; number < 25; number++)
            {
                string path = layer + Path();
                switch (random.Next(6))
                {
                    case 0 or 1:
                        Client.MakeDirectory(path);
                        break;
                    case 2:
                        Client.SymbolicLink("somewhere", path);
                        break;
                    case 3:
                        Client.MakeNode(path, InodeMode.Character);
                        break;
                    default:
                        long handle = Client.Open(path, OpenFlags.Create | OpenFlags.WriteOnly);
                        if (handle < 0)
                            break;
                        Client.Write(handle, Bytes(random.Next(1, 9000)), random.Next(3) * 5000);
                        Client.Close(handle);
                        break;
                }
            }
        }
    }

    /// <summary>Makes the tmpfs what the overlay is.</summary>
    public void CopyToTwin()
    {
        Assert.Equal(0, Client.MakeDirectory("/t"));
        Copy("");
    }

    public void CloseAll()
    {
        while (open.Count > 0)
            CloseOne();
    }

    /// <summary>One operation.</summary>
    public void Step()
    {
        string path = Path(), other = Path();
        switch (random.Next(16))
        {
            case 0:
                Both(root => Client.MakeDirectory(root + path), $"mkdir {path}");
                break;
            case 1 or 2:
                Open(path, random.Next(4) switch
                {
                    0 => OpenFlags.ReadOnly, 1 => OpenFlags.ReadWrite | OpenFlags.Truncate, _ => OpenFlags.ReadWrite | OpenFlags.Create,
                });
                break;
            case 3 or 4 when open.Count > 0:
                Use();
                break;
            case 5 or 6:
                Both(root => Client.Unlink(root + path), $"unlink {path}");
                break;
            case 7 or 8:
                Both(root => Client.RemoveDirectory(root + path), $"rmdir {path}");
                break;
            case 9 or 10 or 11:
                ulong flags = (ulong)random.Next(3);
                flags = flags is NoReplace or Exchange ? flags : 0;
                long moved = Client.Rename("/o" + path, "/o" + other, flags);
                // A directory of a lower layer does not move; programs copy it then.
                if (moved == -(long)Errno.EXDEV)
                    break;
                long twin = Client.Rename("/t" + path, "/t" + other, flags);
                Assert.True(moved == twin, $"rename {path} {other} {flags}: {moved} and {twin}");
                break;
            case 12:
                Both(root => Client.Link(root + path, root + other), $"link {path} {other}");
                break;
            case 13:
                Both(root => Client.SymbolicLink("text", root + path), $"symlink {path}");
                break;
            case 14:
                uint mode = (uint)random.Next(0x200);
                Both(root => Client.ChangeMode(root + path, mode), $"chmod {path}");
                break;
            default:
                if (open.Count > 0)
                    CloseOne();
                Assert.Equal(Client.Stat("/t" + path, out _), Client.Stat("/o" + path, out _));
                break;
        }
    }

    private static string Join(string path, string name) => $"{path}/{name}";

    private void Copy(string path)
    {
        foreach (string name in system.Names("/o" + path).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string child = Join(path, name);
            Assert.Equal(0, Client.Stat("/o" + child, out TestStat stat, follow: false));
            switch (InodeMode.Type(stat.Mode))
            {
                case InodeMode.Directory:
                    Assert.Equal(0, Client.MakeDirectory("/t" + child));
                    Copy(child);
                    break;
                case InodeMode.SymbolicLink:
                    Assert.Equal(0, Client.SymbolicLink("somewhere", "/t" + child));
                    continue;
                default:
                    long handle = Client.Open("/t" + child, OpenFlags.Create | OpenFlags.WriteOnly);
                    byte[] bytes = system.Disk.ReadAll("/o" + child);
                    if (bytes.Length > 0)
                        Assert.Equal(bytes.Length, Client.Write(handle, bytes));
                    Assert.Equal(0, Client.Close(handle));
                    break;
            }

            Assert.Equal(0, Client.ChangeMode("/t" + child, stat.Mode & InodeMode.Permissions));
        }
    }

    private byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private string Path()
    {
        string path = "";
        for (int depth = random.Next(1, 4); depth > 0; depth--)
            path += "/" + (char)('a' + random.Next(4));
        return path;
    }

    private void Both(Func<string, long> call, string what)
    {
        long over = call("/o"), twin = call("/t");
        Assert.True(over == twin, $"{what}: {over} in the overlay and {twin}; {string.Join(';', system.Log)}");
    }

    private void Open(string path, uint flags)
    {
        long over = Client.Open("/o" + path, flags), twin = Client.Open("/t" + path, flags);
        Assert.True(over >= 0 == twin >= 0 && (over >= 0 || over == twin), $"open {path} {flags}: {over} in the overlay and {twin}");
        if (over >= 0)
            open.Add((over, twin));
        if (open.Count > 5)
            CloseOne();
    }

    private void CloseOne()
    {
        int index = random.Next(open.Count);
        (long over, long twin) = open[index];
        open.RemoveAt(index);
        Assert.Equal(0, Client.Close(over));
        Assert.Equal(0, Client.Close(twin));
    }

    private void Use()
    {
        (long over, long twin) = open[random.Next(open.Count)];
        long offset = random.Next(20_000);
        switch (random.Next(3))
        {
            case 0:
                byte[] bytes = Bytes(random.Next(1, 9000));
                Assert.Equal(Client.Write(twin, bytes, offset), Client.Write(over, bytes, offset));
                break;
            case 1:
                Assert.Equal(Client.Truncate(twin, offset), Client.Truncate(over, offset));
                break;
            default:
                Assert.Equal(Client.Read(twin, 9000, out byte[] expected, offset), Client.Read(over, 9000, out byte[] read, offset));
                Assert.Equal(expected, read);
                break;
        }
    }
}
