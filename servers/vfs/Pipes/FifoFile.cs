using Servers.Vfs.Files;
using Servers.Vfs.Inodes;
using Servers.Vfs.Linux;

namespace Servers.Vfs.Pipes;

/// <summary>An open fifo. Opening one end waits for the other, fifo(7).</summary>
public sealed class FifoFile : PipeFile, IWaitingOpen
{
    private readonly int readersBefore;
    private readonly int writersBefore;
    private readonly bool mustWait;
    private readonly Inode inode;

    private FifoFile(in OpenRequest request, Inode inode, Pipe pipe)
        : base(request.Location, request.Flags, pipe)
    {
        this.inode = inode;
        readersBefore = pipe.ReadersEver;
        writersBefore = pipe.WritersEver;
        mustWait = (CanRead && !CanWrite && !IsNonBlocking && pipe.Writers == 0) || (CanWrite && !CanRead && !IsNonBlocking && pipe.Readers == 0);
    }

    /// <inheritdoc/>
    public override Inode Inode => inode;

    /// <inheritdoc/>
    public bool MustWait => mustWait && (CanRead
        ? Pipe.Writers == 0 && Pipe.WritersEver == writersBefore
        : Pipe.Readers == 0 && Pipe.ReadersEver == readersBefore);

    /// <summary>Opens a fifo: ENXIO for a writer that will not wait while nobody reads.</summary>
    public static Errno Open(in OpenRequest request, Inode inode, Pipe pipe, out OpenFile? file)
    {
        file = null;
        bool writesOnly = (request.Flags & OpenFlags.AccessMode) == OpenFlags.WriteOnly;
        if (writesOnly && (request.Flags & OpenFlags.NonBlock) != 0 && pipe.Readers == 0)
            return Errno.ENXIO;
        file = new FifoFile(request, inode, pipe);
        return Errno.None;
    }
}
