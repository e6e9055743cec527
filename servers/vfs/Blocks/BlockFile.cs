using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Blocks;

/// <summary>An open block device: its bytes through the page cache, and what ioctl(2) tells of it.</summary>
internal sealed class BlockFile(Location location, uint flags, BlockDevice device) : OpenFile(location, flags), IMappableFile
{
    /// <inheritdoc/>
    public CachedFile Content => device.Content;

    /// <inheritdoc/>
    public WriteErrorCursor Told { get; } = device.Content.WriteErrors.Open();

    private long Length => device.Sectors * BlockRequest.SectorLength;

    /// <inheritdoc/>
    public override long Read(OperationContext context, Span<byte> buffer, long offset) => device.Content.Read(context, buffer, offset);

    /// <inheritdoc/>
    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        // Who opens it for writing is told then, as on Linux.
        if (device.Traits.IsReadOnly)
            return -(long)Errno.EPERM;
        // A device does not grow.
        if (offset >= Length)
            return data.IsEmpty ? 0 : -(long)Errno.ENOSPC;
        return device.Content.Write(context, data[..(int)Math.Min(data.Length, Length - offset)], offset);
    }

    /// <inheritdoc/>
    public override long Seek(OperationContext context, long offset, uint whence)
    {
        const uint seekEnd = 2, seekData = 3, seekHole = 4;
        switch (whence)
        {
            case seekEnd:
                return SetOffset(Length, offset);
            case seekData or seekHole:
                return offset < 0 || offset >= Length ? -(long)Errno.ENXIO : SetOffset(whence == seekData ? offset : Length, 0);
            default:
                return base.Seek(context, offset, whence);
        }
    }

    /// <inheritdoc/>
    public override Errno Sync(OperationContext context, bool dataOnly)
    {
        Errno error = device.Content.Sync(context);
        if (error == Errno.None)
            error = device.Flush.Await(context);
        return error == Errno.None ? device.Content.WriteErrors.Tell(Told) : error;
    }

    /// <inheritdoc/>
    public override long Control(FileRequest request, uint operation, ulong argument) => BlockControls.Control(device, this, request, operation);
}
