using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Blocks;

/// <summary>An open block device: its bytes through the page cache, and what ioctl(2) tells of it.</summary>
internal sealed class BlockFile : OpenFile, IMappableFile
{
    private readonly BlockDevice device;
    private readonly bool isSole;

    /// <summary>A description.</summary>
    public BlockFile(Location location, uint flags, BlockDevice device)
        : base(location, flags)
    {
        this.device = device;
        device.Users++;
        isSole = (flags & OpenFlags.Exclusive) != 0;
        if (isSole)
            device.IsHeld = true;
        Told = device.Content.WriteErrors.Open();
    }

    /// <inheritdoc/>
    public CachedFile Content => device.Content;

    /// <inheritdoc/>
    public WriteErrorCursor Told { get; }

    private long Length => device.Sectors * BlockRequest.SectorLength;

    /// <inheritdoc/>
    public override long Read(OperationContext context, Span<byte> buffer, long offset) => device.Content.Read(context, buffer, offset);

    /// <inheritdoc/>
    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        // Who opens it for writing is told then, as on Linux.
        if (device.IsReadOnly)
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
        Errno error = device.Sync(context);
        return error == Errno.None ? device.Content.WriteErrors.Tell(Told) : error;
    }

    /// <inheritdoc/>
    public override long Control(FileRequest request, uint operation, ulong argument) => BlockControls.Control(device, this, request, operation, argument);

    /// <summary>Whoever closes a device last has written what there is to write, as on Linux.</summary>
    public override Errno Flush(OperationContext context) =>
        Handles == 1 && device is { Users: 1, Owner: null } ? device.Content.Sync(context) : Errno.None;

    /// <inheritdoc/>
    protected override void OnLastClose()
    {
        if (isSole)
            device.IsHeld = false;
        // The disk, its parts and what is mounted from them have pages of their own, of the same sectors: who comes next sees what the others have written.
        if (--device.Users == 0 && device.Owner == null)
            device.Content.Forget();
    }
}
