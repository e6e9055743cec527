using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Ext4;

/// <summary>An open regular file.</summary>
internal sealed class Ext4OpenFile(Location location, uint flags, Ext4File file) : OpenFile(location, flags), IMappableFile
{
    public CachedFile Content => file.Content;

    public WriteErrorCursor Told { get; } = file.Content.WriteErrors.Open();

    public override bool IsShareable => true;

    // The record of an inode takes over no times that programs tell: where each read changes the access time, it is a request.
    public override uint ReadableAs => CanRead && ((Flags & OpenFlags.NoAccessTime) != 0
        || AccessTimes.After(Location.Mount, file, file.Disk.Clock.Wall) == file.AccessTime) ? FileSlots.Readable : 0;

    public override long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        long length = file.Content.Read(context, buffer, offset);
        if (length >= 0)
            file.Read(Location.Mount, Flags);
        return length;
    }

    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => file.Write(context, data, offset);

    public override Errno Allocate(OperationContext context, AllocateMode mode, long offset, long length) =>
        file.Allocate(context, mode, offset, length);

    public override Errno Sync(OperationContext context, bool dataOnly)
    {
        Errno error = file.Sync(context);
        return error == Errno.None ? file.Content.WriteErrors.Tell(Told) : error;
    }

    public override long Seek(OperationContext context, long offset, uint whence)
    {
        const uint seekData = 3, seekHole = 4;
        if (whence is not (seekData or seekHole))
            return base.Seek(context, offset, whence);
        long found = file.Seek(context, offset, whence == seekData);
        return found < 0 ? found : SetOffset(found, 0);
    }
}
