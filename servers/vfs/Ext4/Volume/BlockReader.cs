using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Reads blocks of metadata for one try of one operation. What it gives are copies: they are looked at once, checked and used, whatever becomes of the block
/// meanwhile.
/// </summary>
internal abstract class BlockReader(Volume volume)
{
    public Volume Volume => volume;

    /// <summary>Copies a part of a block, whose number has been checked; Wait: it is on its way.</summary>
    public abstract Errno Read(long block, int offset, Span<byte> into);

    /// <summary>True for a block that lies in memory, and was checked for this use before it came there.</summary>
    public virtual bool IsChecked(long block, BlockUse use) => volume.Newer?.IsChecked(block, use) == true;

    /// <summary>What is tried has to be tried again when the log has changed: Wait or EAGAIN.</summary>
    public abstract Errno WaitFor(Transactions log);

    /// <summary>A whole block; EUCLEAN for one that there is not.</summary>
    public Errno Read(long block, out byte[] bytes)
    {
        bytes = [];
        if (!volume.IsBlock(block))
            return volume.Corrupted($"there is no block {block}");
        bytes = volume.TakeBlock();
        return Read(block, 0, bytes);
    }
}

/// <summary>For a request: it waits by the device's pages.</summary>
internal sealed class RequestReader(Volume volume, OperationContext context) : BlockReader(volume)
{
    public override Errno WaitFor(Transactions log) => context.WaitOn(log.Changed);

    public override Errno Read(long block, int offset, Span<byte> into)
    {
        if (Volume.Newer?.TryCopy(block, offset, into) == true)
            return Errno.None;
        long length = Volume.Device.Content.Read(context, into, (block << Volume.BlockBits) + offset);
        // The device is longer than the file system, as was checked.
        return length == into.Length ? Errno.None : length < 0 ? (Errno)(-length) : Errno.EIO;
    }
}
