using System.Globalization;
using System.Text;
using Servers.Vfs.Generated;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Proc;

/// <summary>A setting below /proc/sys that is one number without a sign, which root may write.</summary>
/// <param name="fileSystem">Where it is.</param>
/// <param name="number">Its inode number.</param>
/// <param name="time">Its times.</param>
/// <param name="get">The value.</param>
/// <param name="set">Takes another; false: it is out of bounds (EINVAL).</param>
internal sealed class NumberFile(FileSystem fileSystem, ulong number, long time, Func<ulong> get, Func<ulong, bool> set)
    : GeneratedInode(fileSystem, number, InodeMode.Regular | WritableByRoot, time)
{
    private const uint WritableByRoot = 0x1A4; // 0644

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = new Opened(request.Location, request.Flags, this);
        return Errno.None;
    }

    private sealed class Opened(Location location, uint flags, NumberFile inode) : OpenFile(location, flags)
    {
        // Linux reads no longer text than this either; no number that fits 64 bits needs it.
        private const int Longest = 22;

        public override Inode Inode => inode;

        public override long Read(OperationContext context, Span<byte> buffer, long offset)
        {
            ReadOnlySpan<byte> text = Encoding.ASCII.GetBytes(inode.Value + "\n");
            if (offset >= text.Length)
                return 0;
            text = text[(int)offset..];
            text = text[..Math.Min(text.Length, buffer.Length)];
            text.CopyTo(buffer);
            return text.Length;
        }

        // The whole text comes with one write at the start; any other is taken and changes nothing (kernel.sysctl_writes_strict = 1).
        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
        {
            if (offset != 0)
                return data.Length;
            string text = Encoding.ASCII.GetString(data[..Math.Min(data.Length, Longest)]).Trim();
            bool isTaken = ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) && inode.Take(value);
            return isTaken ? data.Length : -(long)Errno.EINVAL;
        }
    }

    private string Value => get().ToString(CultureInfo.InvariantCulture);

    private bool Take(ulong value) => set(value);
}
