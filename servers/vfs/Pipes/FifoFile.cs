using Servers.Vfs.Objects;

namespace Servers.Vfs.Pipes;

/// <summary>An open fifo, or a pipe that was opened again. Opening one end of a fifo waits for the other, fifo(7).</summary>
public sealed class FifoFile : PipeFile
{
    private readonly int readersBefore;
    private readonly int writersBefore;
    private readonly bool mustWait;
    private readonly Inode inode;

    private FifoFile(in OpenRequest request, Inode inode, Pipe pipe, bool waits)
        : base(request.Location, request.Flags, pipe)
    {
        this.inode = inode;
        readersBefore = pipe.ReadersEver;
        writersBefore = pipe.WritersEver;
        mustWait = waits && !IsNonBlocking && ((CanRead && !CanWrite && pipe.Writers == 0) || (CanWrite && !CanRead && pipe.Readers == 0));
    }

    /// <inheritdoc/>
    public override Inode Inode => inode;

    /// <inheritdoc/>
    public override bool MustWait => mustWait && (CanRead
        ? Pipe.Writers == 0 && Pipe.WritersEver == writersBefore
        : Pipe.Readers == 0 && Pipe.ReadersEver == readersBefore);

    /// <summary>Opens a fifo: ENXIO for a writer that will not wait while nobody reads.</summary>
    public static Errno Open(in OpenRequest request, Inode inode, Pipe pipe, out OpenFile? file)
    {
        file = null;
        bool writesOnly = (request.Flags & OpenFlags.AccessMode) == OpenFlags.WriteOnly;
        if (writesOnly && (request.Flags & OpenFlags.NonBlock) != 0 && pipe.Readers == 0)
            return Errno.ENXIO;
        file = new FifoFile(request, inode, pipe, waits: true);
        return Errno.None;
    }

    /// <summary>
    /// Opens a pipe without a name again. Its other end was there from the start, so nobody waits for it: what the last writer has left can be read,
    /// then comes the end.
    /// </summary>
    public static FifoFile Reopen(in OpenRequest request, Inode inode, Pipe pipe) => new(request, inode, pipe, waits: false);
}
