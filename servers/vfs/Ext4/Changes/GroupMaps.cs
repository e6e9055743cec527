namespace Servers.Vfs.Ext4;

/// <summary>The maps of used blocks, group by group.</summary>
internal static class GroupMaps
{
    /// <summary>The map of a group, to be changed; one that was never written is made.</summary>
    public static Errno EditBlocks(Change change, uint group, GroupDescriptor descriptor, out byte[] map)
    {
        if ((descriptor.Flags & GroupDescriptor.BlocksUninitialized) == 0)
        {
            Errno error = change.IsOwn(descriptor.BlockMap) ? change.Edit(descriptor.BlockMap, out map) : ReadBlocks(change, group, descriptor, out map);
            if (error == Errno.None && !change.IsOwn(descriptor.BlockMap))
                error = change.Edit(descriptor.BlockMap, out map);
            if (error == Errno.None)
                change.Own(descriptor.BlockMap);
            return error;
        }

        map = FirstMap(change.Volume, group, descriptor);
        change.Set(descriptor.BlockMap, map);
        change.Own(descriptor.BlockMap);
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
            change.Own(descriptor.InodeMap);
            return Errno.None;
        }

        Errno error = change.Edit(descriptor.InodeMap, out map);
        if (error != Errno.None || change.IsOwn(descriptor.InodeMap))
            return error;
        if (super.HasMetadataChecksums && !descriptor.IsInodeMapIntact(Checksums.Castagnoli(super.ChecksumSeed, map.AsSpan(0, (int)super.InodesPerGroup / 8))))
            return change.Volume.BadChecksum($"inode map of group {group}");
        change.Own(descriptor.InodeMap);
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
        if (error != Errno.None || !volume.Super.HasMetadataChecksums || (reader is Change change && change.IsOwn(descriptor.BlockMap)))
            return error;
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
