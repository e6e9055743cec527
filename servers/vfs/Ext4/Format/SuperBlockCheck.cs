namespace Servers.Vfs.Ext4;

/// <summary>Whether a superblock can be mounted, with the answers that Linux gives.</summary>
internal static class SuperBlockCheck
{
    private const ushort Magic = 0xEF53;

    // Blocks of 1, 2 and 4 KiB: Linux on x86-64 refuses those that are larger than a page as well.
    private const uint LargestExponent = 2;

    // A block map of one block counts the bits of a group.
    private const int BitsPerByte = 8;

    private const int ShortestDescriptor = 32, Shortest64BitDescriptor = 64, LongestDescriptor = 1024;

    // Castagnoli: the only one there is.
    private const byte KnownChecksum = 1;

    private const int RootInode = 2;

    /// <summary>None, or why it cannot be mounted.</summary>
    public static Errno Check(SuperBlock super, long deviceLength, bool forWriting, out string why)
    {
        why = "";
        if (super.Magic != Magic)
            return Refuse(Errno.EINVAL, "no ext4 superblock", out why);
        if (super.Revision > 1)
            return Refuse(Errno.EINVAL, $"revision {super.Revision} is unknown", out why);
        Errno error = CheckFeatures(super, forWriting, out why);
        return error != Errno.None ? error : CheckGeometry(super, deviceLength, out why);
    }

    private static Errno CheckFeatures(SuperBlock super, bool forWriting, out string why)
    {
        IncompatibleFeatures unknown = super.Incompatible & ~IncompatibleFeatures.Known;
        if (unknown != 0)
            return Refuse(Errno.EINVAL, $"unsupported incompatible features 0x{(uint)unknown:x}", out why);
        ReadOnlyFeatures unwritable = super.ReadOnly & ~ReadOnlyFeatures.Known;
        if (forWriting && unwritable != 0)
            return Refuse(Errno.EINVAL, $"features 0x{(uint)unwritable:x} can be mounted read-only at best", out why);
        if (super.HasMetadataChecksums && super.ChecksumType != KnownChecksum)
            return Refuse(Errno.EINVAL, "unknown kind of checksum", out why);
        if (super.HasMetadataChecksums && super.Checksum != SuperBlock.ChecksumOf(super.Bytes))
            return Refuse(Errno.EBADMSG, "the superblock's checksum is wrong", out why);
        why = "";
        return Errno.None;
    }

    private static Errno CheckGeometry(SuperBlock super, long deviceLength, out string why)
    {
        if (super.BlockSizeExponent > LargestExponent)
            return Refuse(Errno.EINVAL, "unsupported block size", out why);
        if (!super.Has(ReadOnlyFeatures.BigAllocation) && super.ClusterSizeExponent != super.BlockSizeExponent)
            return Refuse(Errno.EINVAL, "clusters are not blocks", out why);
        int length = super.InodeLength;
        if (length < SuperBlock.OldInodeLength || length > super.BlockSize || !int.IsPow2(length))
            return Refuse(Errno.EINVAL, "unsupported inode size", out why);
        int descriptor = super.DescriptorLength;
        int shortest = super.Has(IncompatibleFeatures.Is64Bit) ? Shortest64BitDescriptor : ShortestDescriptor;
        if (descriptor < shortest || descriptor > Math.Min(LongestDescriptor, super.BlockSize) || !int.IsPow2(descriptor))
            return Refuse(Errno.EINVAL, "unsupported descriptor size", out why);
        uint bits = (uint)super.BlockSize * BitsPerByte;
        // With clusters a bit of the map stands for more than a block.
        uint most = super.Has(ReadOnlyFeatures.BigAllocation) ? uint.MaxValue / 2 : bits;
        if (super.BlocksPerGroup == 0 || super.BlocksPerGroup > most || super.InodesPerGroup == 0 || super.InodesPerGroup > bits
            || super.InodesPerGroup < super.BlockSize / length)
            return Refuse(Errno.EINVAL, "groups of an unsupported size", out why);
        // Sums of maps are those of whole bytes.
        bool isWhole = (super.BlocksPerGroup | super.InodesPerGroup) % BitsPerByte == 0;
        if (!super.Has(ReadOnlyFeatures.BigAllocation) && (super.ClustersPerGroup != super.BlocksPerGroup || !isWhole))
            return Refuse(Errno.EINVAL, "groups of an unsupported size", out why);
        if (super.FirstDataBlock != (super.BlockSizeExponent == 0 ? 1u : 0u) && !super.Has(ReadOnlyFeatures.BigAllocation))
            return Refuse(Errno.EINVAL, "the first data block is wrong", out why);
        // Beyond that the device has no bytes; the shift cannot overflow for what is less.
        if (super.BlockCount <= super.FirstDataBlock || super.BlockCount > deviceLength >> super.BlockBits)
            return Refuse(Errno.EINVAL, "more blocks than the device has", out why);
        long groups = (super.BlockCount - super.FirstDataBlock + super.BlocksPerGroup - 1) / super.BlocksPerGroup;
        if (groups > uint.MaxValue || (ulong)groups * super.InodesPerGroup != super.InodeCount)
            return Refuse(Errno.EINVAL, "inodes and groups do not match", out why);
        if (super.FirstInode <= RootInode || super.FirstInode > super.InodeCount)
            return Refuse(Errno.EINVAL, "the first inode is wrong", out why);
        why = "";
        return Errno.None;
    }

    private static Errno Refuse(Errno error, string reason, out string why)
    {
        why = reason;
        return error;
    }
}
