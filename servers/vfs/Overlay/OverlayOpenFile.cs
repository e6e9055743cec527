using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Overlay;

/// <summary>An open regular file: a description of the real one, and another one once that was copied.</summary>
internal sealed class OverlayOpenFile : OpenFile, IMappableFile
{
    private readonly OverlayFile file;
    private OpenFile inner;

    public OverlayOpenFile(Location location, uint flags, OverlayFile file, OpenFile inner)
        : base(location, flags) => (this.file, this.inner) = (file, inner);

    // A mapping shows what it was made of, also after a copy: as on Linux.
    public CachedFile Content => ((IMappableFile)inner).Content;

    public WriteErrorCursor? Told => ((IMappableFile)inner).Told;

    public override long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        Errno error = Renew(context);
        return error == Errno.None ? inner.Read(context, buffer, offset) : -(long)error;
    }

    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        long written = inner.Write(context, data, offset);
        if (written > 0)
            file.Adopt();
        return written;
    }

    public override long Seek(OperationContext context, long offset, uint whence)
    {
        const uint seekData = 3, seekHole = 4;
        if (whence is not (seekData or seekHole))
            return base.Seek(context, offset, whence);
        Errno error = Renew(context);
        long found = error == Errno.None ? inner.Seek(context, offset, whence) : -(long)error;
        return found < 0 ? found : SetOffset(found, 0);
    }

    public override Errno Allocate(OperationContext context, AllocateMode mode, long offset, long length) => inner.Allocate(context, mode, offset, length);

    public override Errno Sync(OperationContext context, bool dataOnly) => inner.Sync(context, dataOnly);

    public override Errno Flush(OperationContext context) => inner.Flush(context);

    public override void FlagsChanged()
    {
        inner.Flags = Flags;
        inner.FlagsChanged();
    }

    protected override void OnLastClose() => inner.Release();

    // Who has opened it for reading sees what is written to the copy.
    private Errno Renew(OperationContext context)
    {
        if (ReferenceEquals(inner.Inode, file.Real.Inode))
            return Errno.None;
        Errno error = file.OpenReal(context, Flags, out OpenFile? next);
        if (error != Errno.None)
            return error;
        inner.Release();
        inner = next!;
        return Errno.None;
    }
}
