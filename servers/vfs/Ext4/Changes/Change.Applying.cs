using System.Buffers.Binary;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Ext4;

// The end of a change: blocks with right sums, and then all of it for everybody.
internal sealed partial class Change
{
    /// <summary>Puts everything in its place. Wait, or an error: nothing has happened.</summary>
    public Errno Finish()
    {
        foreach ((Ext4Inode inode, InodeRecord record) in inodes)
            records[(uint)inode.Number] = record;
        foreach ((uint number, InodeRecord record) in records)
        {
            Errno found = Volume.FindInode(this, number, out long block, out int offset);
            if (found == Errno.None)
                found = Edit(block, out byte[] bytes);
            else
                return found;
            if (found != Errno.None)
                return found;
            record.Seal(Volume.Super, number);
            record.Bytes.CopyTo(blocks[block], offset);
        }

        foreach ((uint number, GroupDescriptor group) in groups)
        {
            SealMaps(group);
            group.Seal(Volume.Super, number);
            (long block, int offset) = Volume.PlaceOf(number);
            Errno found = Edit(block, out byte[] bytes);
            if (found != Errno.None)
                return found;
            group.Bytes.CopyTo(bytes, offset);
        }

        foreach ((long block, Action<byte[]> seal) in seals)
            seal(blocks[block]);
        return FinishSuper();
    }

    /// <summary>Makes it everybody's, if there is room in the transaction. EAGAIN: there is none now.</summary>
    public Errno TryApply()
    {
        Errno error = Finish();
        if (error == Errno.None)
            error = disk.Log!.Admit(blocks.Count);
        if (error == Errno.None)
            Apply();
        return error;
    }

    /// <summary>The same for a request, which may wait.</summary>
    public Errno TryApply(OperationContext context)
    {
        Errno error = Finish();
        if (error == Errno.None)
            error = disk.Log!.Admit(context, blocks.Count);
        if (error == Errno.None)
            Apply();
        return error;
    }

    private void Apply()
    {
        disk.Log!.Apply(blocks, uses, forgotten, freed);
        foreach ((Ext4Inode inode, InodeRecord record) in inodes)
            inode.Adopt(record);
        if (blocks.TryGetValue(SuperBlock.Position >> Volume.BlockBits, out byte[]? home))
            Volume.Super = new SuperBlock(home.AsSpan(SuperBlock.Position & (Volume.BlockSize - 1), SuperBlock.Length).ToArray());
        foreach (byte[] bytes in blocks.Values)
            Volume.GiveBlock(bytes);
    }

    private void SealMaps(GroupDescriptor group)
    {
        if (!Volume.Super.HasMetadataChecksums)
            return;
        if (blocks.TryGetValue(group.BlockMap, out byte[]? map))
            group.SetBlockMapChecksum(Checksums.Castagnoli(Volume.Seed, map.AsSpan(0, (int)(Volume.Super.ClustersPerGroup / 8))));
        if (blocks.TryGetValue(group.InodeMap, out byte[]? inodeMap))
            group.SetInodeMapChecksum(Checksums.Castagnoli(Volume.Seed, inodeMap.AsSpan(0, (int)(Volume.Super.InodesPerGroup / 8))));
    }

    private Errno FinishSuper()
    {
        bool isNews = HasAttributes && !Volume.Super.Has(CompatibleFeatures.ExtendedAttributes);
        if (FreeBlocks == 0 && FreeInodes == 0 && FirstOrphan == null && !isNews)
            return Errno.None;
        Errno error = Edit(SuperBlock.Position >> Volume.BlockBits, out byte[] bytes);
        if (error != Errno.None)
            return error;
        Span<byte> super = bytes.AsSpan(SuperBlock.Position & (Volume.BlockSize - 1), SuperBlock.Length);
        var before = new SuperBlock(super.ToArray());
        long free = before.FreeBlocks + FreeBlocks;
        BinaryPrimitives.WriteUInt32LittleEndian(super[0xC..], (uint)free);
        if (before.Has(IncompatibleFeatures.Is64Bit))
            BinaryPrimitives.WriteUInt32LittleEndian(super[0x158..], (uint)(free >> 32));
        BinaryPrimitives.WriteUInt32LittleEndian(super[0x10..], (uint)(before.FreeInodes + FreeInodes));
        BinaryPrimitives.WriteUInt32LittleEndian(super[0xE8..], FirstOrphan ?? before.LastOrphan);
        BinaryPrimitives.WriteUInt32LittleEndian(super[0x60..], (uint)(before.Incompatible | IncompatibleFeatures.NeedsRecovery));
        if (HasAttributes)
            BinaryPrimitives.WriteUInt32LittleEndian(super[0x5C..], (uint)(before.Compatible | CompatibleFeatures.ExtendedAttributes));
        if (before.HasMetadataChecksums)
            BinaryPrimitives.WriteUInt32LittleEndian(super[SuperBlock.ChecksumOffset..], SuperBlock.ChecksumOf(super));
        return Errno.None;
    }
}
