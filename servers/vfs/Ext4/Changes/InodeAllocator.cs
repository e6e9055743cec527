namespace Servers.Vfs.Ext4;

/// <summary>Free inodes, by the maps of groups.</summary>
internal static class InodeAllocator
{
    // Groups among which a directory gets the emptiest: a terabyte has 8,192, of which nobody waits for all.
    private const uint MostLooks = 64;

    /// <summary>Finds and takes an inode. Directories are spread: they go where most inodes are free.</summary>
    public static Errno Take(Change change, uint near, bool isDirectory, out uint number)
    {
        number = 0;
        Volume volume = change.Volume;
        SuperBlock super = volume.Super;
        uint first = (near - 1) / super.InodesPerGroup, best = first, most = 0;
        for (uint offset = 0; offset < super.GroupCount; offset++)
        {
            uint group = (uint)(((ulong)first + offset) % super.GroupCount);
            Errno error = volume.ReadGroup(change, group, out GroupDescriptor descriptor);
            if (error != Errno.None)
                return error;
            if (descriptor.FreeInodes > most)
                (best, most) = (group, descriptor.FreeInodes);
            if (most > 0 && (!isDirectory || offset >= MostLooks))
                break;
        }

        return most == 0 ? Errno.ENOSPC : TakeIn(change, best, isDirectory, out number);
    }

    /// <summary>Gives an inode back.</summary>
    public static Errno Free(Change change, uint number, bool isDirectory)
    {
        uint group = (number - 1) / change.Volume.Super.InodesPerGroup;
        int bit = (int)((number - 1) % change.Volume.Super.InodesPerGroup);
        Errno error = change.EditGroup(group, out GroupDescriptor descriptor);
        byte[] bits = [];
        if (error == Errno.None)
            error = GroupMaps.EditInodes(change, group, descriptor, out bits);
        if (error != Errno.None)
            return error;
        if (!Bitmap.Has(bits, bit))
            return change.Volume.Corrupted($"inode {number} is free already");
        Bitmap.Set(bits, bit, false);
        descriptor.FreeInodes++;
        if (isDirectory)
            descriptor.Directories--;
        change.FreeInodes++;
        return Errno.None;
    }

    private static Errno TakeIn(Change change, uint group, bool isDirectory, out uint number)
    {
        number = 0;
        Volume volume = change.Volume;
        SuperBlock super = volume.Super;
        Errno error = change.EditGroup(group, out GroupDescriptor descriptor);
        if (error != Errno.None)
            return error;
        error = GroupMaps.EditInodes(change, group, descriptor, out byte[] map);
        // A group with inodes in use has its map of blocks written as well.
        if (error == Errno.None && (descriptor.Flags & GroupDescriptor.BlocksUninitialized) != 0)
            error = GroupMaps.EditBlocks(change, group, descriptor, out _);
        if (error != Errno.None)
            return error;
        int first = group == 0 ? (int)super.FirstInode - 1 : 0;
        int free = Bitmap.FindFree(map, first, (int)super.InodesPerGroup);
        if (free < 0)
            return volume.Corrupted($"group {group} has no free inode, and says it has");
        Bitmap.Set(map, free, true);
        descriptor.FreeInodes--;
        if (isDirectory)
            descriptor.Directories++;
        if (super.HasMetadataChecksums || super.Has(ReadOnlyFeatures.GroupChecksums))
            descriptor.UnusedInodes = Math.Min(descriptor.UnusedInodes, super.InodesPerGroup - (uint)free - 1);
        change.FreeInodes--;
        number = group * super.InodesPerGroup + (uint)free + 1;
        return Errno.None;
    }
}
