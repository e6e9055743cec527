namespace Servers.Vfs.Ext4;

/// <summary>Where a name was found: the directory's block that it lies in.</summary>
/// <param name="Entry">The entry; <see cref="DirectoryEntry.Inode"/> 0: there is no such name.</param>
/// <param name="Physical">Where the block lies.</param>
internal readonly record struct FoundName(DirectoryEntry Entry, long Physical);

/// <summary>Finds names in directories.</summary>
internal static class DirectoryLookup
{
    /// <summary>Finds a name, or that there is none.</summary>
    public static Errno Find(BlockReader reader, uint number, InodeRecord record, ReadOnlySpan<byte> name, out FoundName found) =>
        IsIndexed(reader.Volume, record) ? FindIndexed(reader, number, record, name, out found) : FindLinear(reader, number, record, name, out found);

    /// <summary>True for a directory with an index.</summary>
    public static bool IsIndexed(Volume volume, InodeRecord record) =>
        record.Has(InodeRecord.Indexed) && !record.Has(InodeRecord.InlineData) && volume.Super.Has(CompatibleFeatures.IndexedDirectories);

    private static Errno FindIndexed(BlockReader reader, uint number, InodeRecord record, ReadOnlySpan<byte> name, out FoundName found)
    {
        found = default;
        var walk = new IndexWalk(reader, number, record);
        Errno error = walk.Begin();
        if (error != Errno.None)
            return error;
        uint hash = walk.Hash(name).Major;
        error = walk.Descend(hash);
        for (long leaves = DirectoryReader.BlocksOf(reader.Volume, record); error == Errno.None; leaves--)
        {
            if (leaves == 0)
                return reader.Volume.Corrupted($"directory {number}: the index has more leaves than there are blocks");
            error = FindIn(reader, number, record, walk.Leaf, name, out found);
            if (error != Errno.None || found.Entry.Inode != 0)
                return error;
            error = walk.Next(out bool isThere, out uint next);
            // Names of the same hash may go on in the next leaf; its hash is odd then.
            if (error == Errno.None && (!isThere || next != (hash | 1)))
                return Errno.None;
        }

        return error;
    }

    private static Errno FindLinear(BlockReader reader, uint number, InodeRecord record, ReadOnlySpan<byte> name, out FoundName found)
    {
        found = default;
        Errno error = Errno.None;
        for (long block = 0, count = DirectoryReader.BlocksOf(reader.Volume, record); block < count && error == Errno.None && found.Entry.Inode == 0; block++)
            error = FindIn(reader, number, record, block, name, out found);
        return error;
    }

    private static Errno FindIn(BlockReader reader, uint number, InodeRecord record, long block, ReadOnlySpan<byte> name, out FoundName found)
    {
        found = default;
        Errno error = DirectoryReader.ReadNames(reader, number, record, block, out byte[] bytes, out long physical);
        if (error == Errno.None && DirectoryBlock.TryFind(bytes, name, out DirectoryEntry entry))
            found = new FoundName(entry, physical);
        reader.Volume.GiveBlock(bytes);
        return error;
    }
}
