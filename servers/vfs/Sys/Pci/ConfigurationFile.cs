using Servers.Vfs.Generated;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Sys.Pci;

/// <summary>A function's configuration space: all of it for root, the standard header for everybody else. Nobody writes it.</summary>
/// <param name="fileSystem">Where it is.</param>
/// <param name="number">Its inode number.</param>
/// <param name="time">Its times.</param>
/// <param name="length">Bytes.</param>
/// <param name="read">Gives the bytes as they are now; null: they cannot be read.</param>
internal sealed class ConfigurationFile(FileSystem fileSystem, ulong number, long time, int length, Func<byte[]?> read)
    : GeneratedInode(fileSystem, number, InodeMode.Regular | ReadableByAll, time)
{
    private const uint ReadableByAll = 0x1A4; // 0644, as on Linux

    // PCI Local Bus 3.0 §6.1.
    private const int HeaderLength = 64;

    /// <inheritdoc/>
    public override long Size => length;

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new Opened(request.Location, request.Flags, this, request.Context.Credentials.IsPrivileged);
        return Errno.None;
    }

    private sealed class Opened(Location location, uint flags, ConfigurationFile inode, bool isPrivileged) : OpenFile(location, flags)
    {
        public override Inode Inode => inode;

        public override long Read(OperationContext context, Span<byte> buffer, long offset)
        {
            if (inode.read() is not { } bytes)
                return -(long)Errno.EIO;
            ReadOnlySpan<byte> shown = isPrivileged ? bytes : bytes.AsSpan(0, HeaderLength);
            if (offset >= shown.Length)
                return 0;
            shown = shown.Slice((int)offset, (int)Math.Min(buffer.Length, shown.Length - offset));
            shown.CopyTo(buffer);
            return shown.Length;
        }

        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => -(long)Errno.EIO;
    }

    // A primary constructor's parameter is not seen by the nested class.
    private readonly Func<byte[]?> read = read;
}
