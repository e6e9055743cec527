using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>Random operations, each made below /t, a tmpfs, and below /m: both answer the same.</summary>
internal sealed class TwinOperations(Ext4System system, int seed)
{
    private const ulong NoReplace = 1, Exchange = 2;

    private readonly Random random = new(seed);
    private readonly List<(long Memory, long Disk)> open = [];

    private TestClient Client => system.Client;

    /// <summary>One of them.</summary>
    public void Step()
    {
        string path = Path(), other = Path();
        switch (random.Next(17))
        {
            case 0 or 1:
                Both(root => Client.MakeDirectory(root + path), $"mkdir {path}");
                break;
            case 2 or 3 or 4:
                Open(path, OpenFlags.Create | OpenFlags.ReadWrite | (random.Next(3) == 0 ? OpenFlags.Truncate : 0));
                break;
            case 5 or 6 or 7:
                Write();
                break;
            case 8:
                Both(root => Client.Unlink(root + path), $"unlink {path}");
                break;
            case 9:
                Both(root => Client.RemoveDirectory(root + path), $"rmdir {path}");
                break;
            case 10 or 11:
                ulong flags = (ulong)random.Next(3);
                flags = flags is NoReplace or Exchange ? flags : 0;
                Both(root => Client.Rename(root + path, root + other, flags), $"rename {path} {other} {flags}");
                break;
            case 12:
                Both(root => Client.Link(root + path, root + other), $"link {path} {other}");
                break;
            case 13:
                string text = new('s', random.Next(1, 120));
                Both(root => Client.SymbolicLink(text, root + path), $"symlink {path}");
                break;
            case 14:
                uint mode = (uint)random.Next(0x200);
                Both(root => Client.ChangeMode(root + path, mode), $"chmod {path}");
                break;
            case 15:
                Cut();
                break;
            default:
                Other();
                break;
        }
    }

    public void CloseAll()
    {
        while (open.Count > 0)
            CloseOne();
    }

    private string Path()
    {
        string path = "";
        for (int depth = random.Next(1, 4); depth > 0; depth--)
            path += "/" + (char)('a' + random.Next(5)) + new string('l', random.Next(4) == 0 ? 60 : 0);
        return path;
    }

    private void Both(Func<string, long> call, string what)
    {
        long memory = call("/t"), disk = call("/m");
        Assert.True(memory == disk, $"{what}: {memory} and {disk} {string.Join(';', system.Log)}");
    }

    private void Open(string path, uint flags)
    {
        long memory = Client.Open("/t" + path, flags), disk = Client.Open("/m" + path, flags);
        Assert.True(memory >= 0 == disk >= 0 && (memory >= 0 || memory == disk), $"open {path}: {memory} and {disk}");
        if (memory >= 0)
            open.Add((memory, disk));
        if (open.Count > 6)
            CloseOne();
    }

    private void CloseOne()
    {
        int index = random.Next(open.Count);
        (long memory, long disk) = open[index];
        open.RemoveAt(index);
        Assert.Equal(0, Client.Close(memory));
        Assert.Equal(0, Client.Close(disk));
    }

    private void Write()
    {
        if (open.Count == 0)
            return;
        (long memory, long disk) = open[random.Next(open.Count)];
        byte[] bytes = new byte[random.Next(1, 14_000)];
        random.NextBytes(bytes);
        long offset = random.Next(120_000);
        Assert.Equal(Client.Write(memory, bytes, offset), Client.Write(disk, bytes, offset));
    }

    private void Cut()
    {
        if (open.Count == 0)
            return;
        (long memory, long disk) = open[random.Next(open.Count)];
        long length = random.Next(140_000), from = random.Next(100_000);
        if (random.Next(2) == 0)
        {
            Assert.Equal(Client.Truncate(memory, length), Client.Truncate(disk, length));
            return;
        }

        const AllocateMode punch = AllocateMode.KeepSize | AllocateMode.PunchHole;
        // tmpfs makes no range zero but as a hole.
        (AllocateMode ofMemory, AllocateMode ofDisk) = random.Next(4) switch
        {
            0 => (AllocateMode.None, AllocateMode.None),
            1 => (AllocateMode.KeepSize, AllocateMode.KeepSize),
            2 => (punch, AllocateMode.KeepSize | AllocateMode.ZeroRange),
            _ => (punch, punch),
        };
        Assert.Equal(Client.Call(VfsOperation.Allocate, a0: (ulong)memory, a1: (ulong)ofMemory, a2: (ulong)from, a3: (ulong)length + 1),
            Client.Call(VfsOperation.Allocate, a0: (ulong)disk, a1: (ulong)ofDisk, a2: (ulong)from, a3: (ulong)length + 1));
    }

    private void Other()
    {
        switch (random.Next(4))
        {
            case 0 when open.Count > 0:
                Assert.Equal(0, Client.Call(VfsOperation.Sync, a0: (ulong)open[random.Next(open.Count)].Disk, a1: 0));
                break;
            case 1 when open.Count > 0:
                CloseOne();
                break;
            case 2:
                system.System.Clock.Advance(40_000_000_000);
                system.Cache.WriteBack.Look();
                system.System.Alarms.Run(system.System.Clock.Monotonic);
                break;
            default:
                system.Cache.Reclaim.Free(20);
                break;
        }
    }
}
