using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

/// <summary>Reads extended attributes: those of the inode, of its block, and values that have inodes of their own.</summary>
internal static class AttributeReader
{
    // Castagnoli's sum of the value lies in place of the value's time of access.
    private const int ValueSumOffset = 8;

    /// <summary>All that an inode has. Wait: part of it is on its way.</summary>
    public static Errno Read(BlockReader reader, uint number, InodeRecord record, List<StoredAttribute> inInode, List<StoredAttribute> inBlock)
    {
        Volume volume = reader.Volume;
        if (!AttributeTable.TryReadInode(record, inInode))
            return volume.Corrupted($"inode {number} has wrong attributes");
        if (record.AttributeBlock == 0)
            return Errno.None;
        Errno error = reader.Read(record.AttributeBlock, out byte[] block);
        if (error != Errno.None)
            return error;
        if (volume.Super.HasMetadataChecksums && !AttributeTable.IsIntact(block, volume.Seed, record.AttributeBlock))
            return volume.BadChecksum($"inode {number}: attributes");
        return AttributeTable.TryReadBlock(block, inBlock) ? Errno.None : volume.Corrupted($"inode {number} has wrong attributes");
    }

    /// <summary>The value of one.</summary>
    public static Errno ReadValue(BlockReader reader, StoredAttribute attribute, out byte[] value)
    {
        value = attribute.Value;
        uint number = attribute.ValueInode;
        if (number == 0)
            return Errno.None;
        Volume volume = reader.Volume;
        Errno error = volume.ReadInode(reader, number, out InodeRecord record);
        if (error != Errno.None)
            return error;
        if (!volume.Super.Has(IncompatibleFeatures.AttributeInodes) || !record.Has(InodeRecord.ValueOfAttribute)
            || InodeMode.Type(record.Mode) != InodeMode.Regular || record.Size != attribute.ValueLength
            || attribute.ValueLength > ExtendedAttribute.LongestValue)
            return volume.Corrupted($"inode {number} is not the value of an attribute");
        byte[] whole = new byte[record.Size];
        for (long at = 0; at < whole.Length; at += volume.BlockSize)
        {
            error = BlockMap.Find(reader, number, record, at >> volume.BlockBits, out BlockRun run);
            if (error == Errno.None && !run.HasData)
                error = volume.Corrupted($"inode {number}: a value with a hole");
            byte[] block = [];
            if (error == Errno.None)
                error = reader.Read(run.Physical, out block);
            if (error != Errno.None)
                return error;
            block.AsSpan(0, (int)Math.Min(block.Length, whole.Length - at)).CopyTo(whole.AsSpan((int)at));
        }

        uint sum = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(record.Bytes.AsSpan(ValueSumOffset));
        if (Checksums.Castagnoli(volume.Seed, whole) != sum)
            return volume.Corrupted($"inode {number} has another value than it was given");
        value = whole;
        return Errno.None;
    }
}
