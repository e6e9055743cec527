using Servers.Vfs.Objects;

namespace Servers.Vfs.Files;

/// <summary>O_PATH: a place in the tree and nothing more, open(2).</summary>
public sealed class PathOnlyFile(Location location, uint flags) : OpenFile(location, flags)
{
    /// <inheritdoc/>
    public override long Read(OperationContext context, Span<byte> buffer, long offset) => -(long)Errno.EBADF;

    /// <inheritdoc/>
    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => -(long)Errno.EBADF;

    /// <inheritdoc/>
    public override long Seek(OperationContext context, long offset, uint whence) => -(long)Errno.EBADF;

    /// <inheritdoc/>
    public override long Control(FileRequest request, uint operation, ulong argument) => -(long)Errno.EBADF;

    /// <inheritdoc/>
    public override ushort Poll() => PollEvents.Invalid;

    /// <inheritdoc/>
    public override long ReadDirectory(OperationContext context, Span<byte> buffer) => -(long)Errno.EBADF;
}
