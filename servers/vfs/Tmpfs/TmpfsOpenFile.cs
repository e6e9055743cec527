using Libsys.Messages;
using Servers.Vfs.Attributes;
using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tmpfs;

/// <summary>An open regular file in memory.</summary>
public sealed class TmpfsOpenFile : OpenFile, IMappableFile
{
    private readonly TmpfsFile file;
    private uint lastWrite;
    private int writesInTurn;
    private bool isWorthWriting;

    internal TmpfsOpenFile(Location location, uint flags, TmpfsFile file)
        : base(location, flags) => this.file = file;

    /// <inheritdoc/>
    public override Inode Inode => file;

    /// <inheritdoc/>
    public override bool IsShareable => true;

    /// <inheritdoc/>
    public override bool ClosesUnseen => true;

    /// <inheritdoc/>
    public override uint ReadableAs
    {
        get
        {
            if (!CanRead || !file.Content.HasNoHoles)
                return 0;
            if ((Flags & OpenFlags.NoAccessTime) != 0)
                return FileSlots.Readable;
            if (AccessTimes.ChangeAlways(Location.Mount))
                return FileSlots.Readable | FileSlots.Touches;
            // While somebody writes in memory, each read may be the first one after a write.
            return file.Writer == null && AccessTimes.After(Location.Mount, file, file.Now) == file.AccessTime ? FileSlots.Readable : 0;
        }
    }

    /// <inheritdoc/>
    public override bool IsWorthWriting => isWorthWriting && Handles == 1 && CanWrite && (Flags & OpenFlags.Append) == 0
        && (file.Mode & (InodeMode.SetUid | InodeMode.SetGid)) == 0 && file.Content.HasOwnPages;

    /// <inheritdoc/>
    public CachedFile Content => file.Content;

    /// <inheritdoc/>
    public override long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        int length = file.Content.Read(buffer, offset);
        StampAccess();
        return length;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek(long offset, int length)
    {
        ReadOnlySpan<byte> there = file.Content.Peek(offset, length);
        if (!there.IsEmpty)
            StampAccess();
        return there;
    }

    /// <inheritdoc/>
    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        long end = file.Size;
        long written = file.Content.Write(data, offset);
        isWorthWriting = file.CountWrite(ref lastWrite, ref writesInTurn);
        if (file.Size != end)
            (isWorthWriting, writesInTurn) = (false, 0);
        if (written > 0)
            file.Written(context.Credentials);
        return written;
    }

    /// <inheritdoc/>
    public override bool CanBePosted => file.Content.Mapped == null;

    /// <inheritdoc/>
    public override bool TryPromise(int writes) => file.Content.TryPromise(writes);

    /// <inheritdoc/>
    public override void Keep(int writes) => file.Content.Keep(writes);

    /// <inheritdoc/>
    public override long WritePromised(OperationContext context, ReadOnlySpan<byte> data, ulong piece)
    {
        long offset = (Flags & OpenFlags.Append) != 0 ? file.Size : Offset;
        long written = file.Content.Write(data, offset);
        if (written <= 0)
            return written;
        Offset = offset + written;
        file.Written(context.Credentials, PostedLayout.TimeOf(piece, file.Now));
        return written;
    }

    /// <inheritdoc/>
    public override void FlagsChanged() => file.EndWriting();

    /// <inheritdoc/>
    public override long Seek(OperationContext context, long offset, uint whence)
    {
        const uint seekData = 3, seekHole = 4;
        if (whence is not (seekData or seekHole))
            return base.Seek(context, offset, whence);
        long found = file.ShowsHoles ? file.Content.Seek(offset, whence == seekData) : offset < 0 || offset >= file.Size ? -1
            : whence == seekData ? offset : file.Size;
        return found < 0 ? -(long)Errno.ENXIO : SetOffset(found, 0);
    }

    /// <inheritdoc/>
    public override Errno Allocate(OperationContext context, AllocateMode mode, long offset, long length) => mode switch
    {
        _ when !file.ShowsHoles => Errno.EOPNOTSUPP,
        AllocateMode.None or AllocateMode.KeepSize => file.Content.Allocate(offset, length, keepSize: mode == AllocateMode.KeepSize),
        AllocateMode.KeepSize | AllocateMode.PunchHole => file.Content.PunchHole(offset, length),
        _ => Errno.EOPNOTSUPP,
    };

    /// <inheritdoc/>
    protected override void OnLastClose() => file.Released();

    private void StampAccess()
    {
        if ((Flags & OpenFlags.NoAccessTime) == 0)
            file.StampAccess(AccessTimes.After(Location.Mount, file, file.Now));
    }
}
