using Servers.Vfs.Generated;
using Servers.Vfs.Machine;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Proc;

/// <summary>/proc/sys/kernel/hostname or domainname: a name with a line break behind it, which root may write.</summary>
/// <param name="fileSystem">Where it is.</param>
/// <param name="number">Its inode number.</param>
/// <param name="time">Its times.</param>
/// <param name="name">What it shows.</param>
internal sealed class HostNameFile(FileSystem fileSystem, ulong number, long time, HostName name)
    : GeneratedInode(fileSystem, number, InodeMode.Regular | WritableByRoot, time)
{
    private const uint WritableByRoot = 0x1A4; // 0644

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new Opened(request.Location, request.Flags, this, name);
        return Errno.None;
    }

    private sealed class Opened(Location location, uint flags, HostNameFile inode, HostName name) : OpenFile(location, flags)
    {
        public override Inode Inode => inode;

        public override long Read(OperationContext context, Span<byte> buffer, long offset)
        {
            ReadOnlySpan<byte> text = [.. name.Text, (byte)'\n'];
            if (offset >= text.Length)
                return 0;
            text = text[(int)offset..];
            text = text[..Math.Min(text.Length, buffer.Length)];
            text.CopyTo(buffer);
            return text.Length;
        }

        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
        {
            name.Write(data, offset);
            return data.Length;
        }
    }
}
