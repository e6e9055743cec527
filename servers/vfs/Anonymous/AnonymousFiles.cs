using System.Globalization;
using System.Text;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Tmpfs;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Anonymous;

/// <summary>
/// Files that no directory holds: pipes, event counters, timers, memory files, sockets. They lie on hidden mounts, as on Linux (pipefs, anon_inodefs, a
/// tmpfs, sockfs).
/// </summary>
public sealed class AnonymousFiles
{
    private readonly Mount pipes;
    private readonly Mount counters;
    private readonly Mount memory;
    private readonly Mount sockets;
    private readonly IClock clock;
    private readonly Func<Action, IAlarm> createAlarm;
    private ulong nextPipe = 1, nextSocket = 1;

    /// <summary>Makes the hidden mounts.</summary>
    public AnonymousFiles(MountTree mounts, TmpfsFileSystem memoryFileSystem, IClock clock, Func<Action, IAlarm> createAlarm)
    {
        this.clock = clock;
        this.createAlarm = createAlarm;
        PipeMemory = memoryFileSystem.Pipes;
        var pipeFileSystem = new AnonymousFileSystem(mounts.AllocateDevice(), "pipefs", 0x50495045); // PIPEFS_MAGIC, statfs(2)
        var counterFileSystem = new AnonymousFileSystem(mounts.AllocateDevice(), "anon_inodefs", 0x09041934); // ANON_INODE_FS_MAGIC
        pipes = Hidden(pipeFileSystem);
        counters = Hidden(counterFileSystem);
        memory = Hidden(memoryFileSystem);
        sockets = Hidden(new AnonymousFileSystem(mounts.AllocateDevice(), "sockfs", 0x534F434B)); // SOCKFS_MAGIC, statfs(2)
    }

    /// <summary>Memory for pipes.</summary>
    public PipeMemory PipeMemory { get; }

    /// <summary>A place for a new pipe, with an inode of its own.</summary>
    public Location NewPipePlace(Pipe pipe, Credentials credentials)
    {
        ulong number = nextPipe++;
        const uint ownerOnly = 0x180;
        var inode = new PipeInode(pipes.FileSystem, number, InodeMode.Fifo | ownerOnly, pipe, clock.Wall) { Owner = (credentials.UserId, credentials.GroupId) };
        return new Location(pipes, new Dentry(null, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"pipe:[{number}]")), inode));
    }

    /// <summary>A place for a new socket, with an inode of its own.</summary>
    public Location NewSocketPlace(Credentials credentials)
    {
        ulong number = nextSocket++;
        const uint all = 0x1FF;
        var inode = new AnonymousInode(sockets.FileSystem, number, InodeMode.Socket | all) { Owner = (credentials.UserId, credentials.GroupId) };
        return new Location(sockets, new Dentry(null, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"socket:[{number}]")), inode));
    }

    /// <summary>A place for a file that has nothing but its description.</summary>
    public Location AnonymousPlace(ReadOnlySpan<byte> kind)
    {
        const uint ownerOnly = 0x180;
        byte[] name = [.. "anon_inode:"u8, .. kind];
        return new Location(counters, new Dentry(null, name, new AnonymousInode(counters.FileSystem, 1, ownerOnly)));
    }

    /// <summary>Makes a timer.</summary>
    public TimerFile NewTimer(uint flags, bool isWallClock) => new(AnonymousPlace("[timerfd]"u8), flags, clock, isWallClock, createAlarm);

    /// <summary>Makes a memory file.</summary>
    public Errno OpenMemoryFile(OperationContext context, ReadOnlySpan<byte> name, out OpenFile? file)
    {
        const uint all = 0x1FF;
        file = null;
        Errno error = memory.Root.Inode.CreateUnnamed(context, InodeMode.Regular | all, out Inode? inode);
        if (error != Errno.None)
            return error;
        byte[] shown = [.. "memfd:"u8, .. name];
        var place = new Location(memory, new Dentry(memory.Root, shown, inode!) { IsRemoved = true });
        return inode!.Open(new OpenRequest(context, place, OpenFlags.ReadWrite | OpenFlags.LargeFile), out file);
    }

    /// <summary>What a System V segment is called while it is mapped, with its id as inode number, as on Linux.</summary>
    public Location SegmentPlace(int key, int id, uint mode)
    {
        byte[] name = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"SYSV{key:x8}"));
        var inode = new AnonymousInode(memory.FileSystem, (ulong)id, InodeMode.Regular | mode);
        return new Location(memory, new Dentry(memory.Root, name, inode) { IsRemoved = true });
    }

    private static Mount Hidden(FileSystem fileSystem) => new(0, fileSystem, fileSystem.Root, "none", MountFlags.None);
}
