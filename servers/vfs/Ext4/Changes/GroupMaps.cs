namespace Servers.Vfs.Ext4;

/// <summary>The maps of used blocks, group by group.</summary>
internal static class GroupMaps
{
    /// <summary>The map of a group, to be changed; one that was never written is made.</summary>
    public static Errno EditBlocks(Change change, uint group, GroupDescriptor descriptor, out byte[] map)
    {
        if ((descriptor.Flags & GroupDescriptor.BlocksUninitialized) == 0)
        {
            Errno error = change.Edit(descriptor.BlockMap, out map);
            if (error == Errno.None)
                error = CheckBlocks(change, group, descriptor, map);
            if (error == Errno.None)
                change.SetUse(descriptor.BlockMap, OfBlocks(group));
            return error;
        }

        map = FirstMap(change.Volume, group, descriptor);
        change.Set(descriptor.BlockMap, map);
        change.SetUse(descriptor.BlockMap, OfBlocks(group));
        descriptor.Flags &= unchecked((ushort)~GroupDescriptor.BlocksUninitialized);
        return Errno.None;
    }

    /// <summary>The same of inodes.</summary>
    public static Errno EditInodes(Change change, uint group, GroupDescriptor descriptor, out byte[] map)
    {
        SuperBlock super = change.Volume.Super;
        if ((descriptor.Flags & GroupDescriptor.InodesUninitialized) != 0)
        {
            map = change.Make(descriptor.InodeMap);
            for (int bit = (int)super.InodesPerGroup; bit < map.Length * 8; bit++)
                Bitmap.Set(map, bit, true);
            descriptor.Flags &= unchecked((ushort)~GroupDescriptor.InodesUninitialized);
            change.SetUse(descriptor.InodeMap, new BlockUse(BlockKindOfUse.InodeMap, group));
            return Errno.None;
        }

        Errno error = change.Edit(descriptor.InodeMap, out map);
        var use = new BlockUse(BlockKindOfUse.InodeMap, group);
        if (error != Errno.None)
            return error;
        bool mustCheck = super.HasMetadataChecksums && !change.IsChecked(descriptor.InodeMap, use);
        if (mustCheck && !descriptor.IsInodeMapIntact(Checksums.Castagnoli(super.ChecksumSeed, map.AsSpan(0, (int)super.InodesPerGroup / 8))))
            return change.Volume.BadChecksum($"inode map of group {group}");
        change.SetUse(descriptor.InodeMap, use);
        return Errno.None;
    }

    /// <summary>The map of a group, checked.</summary>
    public static Errno ReadBlocks(BlockReader reader, uint group, GroupDescriptor descriptor, out byte[] map)
    {
        Volume volume = reader.Volume;
        if ((descriptor.Flags & GroupDescriptor.BlocksUninitialized) != 0)
        {
            map = FirstMap(volume, group, descriptor);
            return Errno.None;
        }

        Errno error = reader.Read(descriptor.BlockMap, out map);
        return error == Errno.None ? CheckBlocks(reader, group, descriptor, map) : error;
    }

    private static BlockUse OfBlocks(uint group) => new(BlockKindOfUse.BlockMap, group);

    private static Errno CheckBlocks(BlockReader reader, uint group, GroupDescriptor descriptor, byte[] map)
    {
        Volume volume = reader.Volume;
        if (!volume.Super.HasMetadataChecksums || reader.IsChecked(descriptor.BlockMap, OfBlocks(group)))
            return Errno.None;
        return descriptor.IsBlockMapIntact(Checksums.Castagnoli(volume.Seed, map.AsSpan(0, (int)(volume.Super.ClustersPerGroup / 8))))
            ? Errno.None : volume.BadChecksum($"block map of group {group}");
    }

    // The map of a group that was never used: what the file system has there itself, and what lies behind the end.
    private static byte[] FirstMap(Volume volume, uint group, GroupDescriptor descriptor)
    {
        SuperBlock super = volume.Super;
        byte[] map = new byte[volume.BlockSize];
        long first = super.FirstBlockOf(group);
        uint length = super.BlocksOf(group);
        void Use(long block, long count)
        {
            for (long number = Math.Max(block, first); number < Math.Min(block + count, first + length); number++)
                Bitmap.Set(map, (int)(number - first), true);
        }

        if (super.HasBackup(group))
        {
            bool hasTable = !super.Has(IncompatibleFeatures.MetaGroups);
            long table = (super.GroupCount + super.DescriptorsPerBlock - 1) / super.DescriptorsPerBlock;
            Use(first, 1 + (hasTable ? table + super.ReservedGroupBlocks : 0));
        }

        Use(descriptor.BlockMap, 1);
        Use(descriptor.InodeMap, 1);
        Use(descriptor.InodeTable, ((long)super.InodesPerGroup * super.InodeLength + volume.BlockSize - 1) >> volume.BlockBits);
        for (int bit = (int)length; bit < map.Length * 8; bit++)
            Bitmap.Set(map, bit, true);
        return map;
    }
}
