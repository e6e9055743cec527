using System.Text;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Generated;

/// <summary>A file that root writes a word to: one write is one command, with or without a line break behind it.</summary>
/// <param name="fileSystem">Where it is.</param>
/// <param name="number">Its inode number.</param>
/// <param name="time">Its times.</param>
/// <param name="carryOut">Takes the word. EINVAL: no such command.</param>
internal sealed class CommandFile(FileSystem fileSystem, ulong number, long time, Func<string, Errno> carryOut)
    : GeneratedInode(fileSystem, number, InodeMode.Regular | WritableByRoot, time)
{
    private const uint WritableByRoot = 0x80; // 0200

    // Longer than any command: more is none.
    private const int LongestCommand = 64;

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new Opened(request.Location, request.Flags, this);
        return Errno.None;
    }

    private Errno CarryOut(ReadOnlySpan<byte> data) => data.Length > LongestCommand ? Errno.EINVAL : carryOut(Encoding.UTF8.GetString(data).Trim());

    private sealed class Opened(Location location, uint flags, CommandFile inode) : OpenFile(location, flags)
    {
        public override Inode Inode => inode;

        public override long Read(OperationContext context, Span<byte> buffer, long offset) => -(long)Errno.EIO;

        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
        {
            Errno error = inode.CarryOut(data);
            return error == Errno.None ? data.Length : -(long)error;
        }
    }
}
