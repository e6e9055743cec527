using Servers.Vfs.Files;

namespace Servers.Vfs.Ext4;

/// <summary>
/// Lists a directory's names. Offsets are stable while names come and go: hashes where the directory has an index or may get one by growing beyond its first
/// block, as on Linux, and else places in its blocks.
/// </summary>
internal static class DirectoryListing
{
    /// <summary>Offsets below this one are those of "." and "..".</summary>
    public const long FirstName = 2;

    /// <summary>Adds records from an offset on, which moves; <paramref name="isFull"/>: there are more.</summary>
    public static Errno List(BlockReader reader, Ext4Directory directory, ref DirectoryRecords records, ref long offset, out bool isFull)
    {
        isFull = false;
        Volume volume = reader.Volume;
        if (directory.Record.Has(InodeRecord.InlineData))
            return ListInline(volume, directory, ref records, ref offset, out isFull);
        bool mayBeIndexed = volume.Super.Has(CompatibleFeatures.IndexedDirectories) && volume.Super.DefaultHash <= (byte)HashVersion.Last;
        bool isIndexed = DirectoryLookup.IsIndexed(volume, directory.Record);
        return isIndexed || (mayBeIndexed && DirectoryReader.BlocksOf(volume, directory.Record) == 1)
            ? ListByHash(reader, directory, isIndexed, ref records, ref offset, out isFull)
            : ListByPlace(reader, directory, ref records, ref offset, out isFull);
    }

    private static Errno ListByPlace(BlockReader reader, Ext4Directory directory, ref DirectoryRecords records, ref long offset, out bool isFull)
    {
        isFull = false;
        Volume volume = reader.Volume;
        for (long block = offset - FirstName >> volume.BlockBits; block < DirectoryReader.BlocksOf(volume, directory.Record); block++)
        {
            Errno error = DirectoryReader.ReadNames(reader, (uint)directory.Number, directory.Record, block, out byte[] bytes, out _);
            if (error != Errno.None)
                return error;
            long start = (block << volume.BlockBits) + FirstName;
            DirectoryEntry entry;
            for (int at = 0; at < bytes.Length; at += entry.Length)
            {
                entry = DirectoryBlock.Read(bytes, at);
                if (start + at < offset)
                    continue;
                long next = start + at + entry.Length;
                if (IsShown(entry, bytes) && !records.TryAdd(entry.Inode, next, TypeOf(volume, entry), entry.Name(bytes)))
                {
                    isFull = true;
                    return Errno.None;
                }

                offset = next;
            }
        }

        return Errno.None;
    }

    private static Errno ListByHash(
        BlockReader reader, Ext4Directory directory, bool isIndexed, ref DirectoryRecords records, ref long offset, out bool isFull)
    {
        isFull = false;
        Volume volume = reader.Volume;
        var walk = new IndexWalk(reader, (uint)directory.Number, directory.Record);
        long from = offset - FirstName;
        Errno error = isIndexed ? walk.Begin() : Errno.None;
        if (error == Errno.None && isIndexed)
            error = walk.Descend((uint)(from >> 31) & ~1u);
        var version = (HashVersion)volume.Super.DefaultHash;
        if (version < HashVersion.Unsigned && (volume.Super.Flags & 2) != 0)
            version += (byte)HashVersion.Unsigned;
        bool goesOn = isIndexed;
        var names = new List<(long Place, DirectoryEntry Entry, byte[] Block)>();
        long leaves = DirectoryReader.BlocksOf(volume, directory.Record);
        while (error == Errno.None)
        {
            if (--leaves < 0)
                return volume.Corrupted($"directory {directory.Number}: the index has more leaves than there are blocks");
            error = DirectoryReader.ReadNames(reader, (uint)directory.Number, directory.Record, isIndexed ? walk.Leaf : 0, out byte[] bytes, out _);
            if (error == Errno.None)
                Collect(bytes, isIndexed ? walk.Version : version, volume.Super.HashSeed, from, names);
            uint hash = 0;
            if (error == Errno.None && isIndexed)
                error = walk.Next(out goesOn, out hash);
            if (error != Errno.None)
                break;
            // Leaves that share a hash are sorted together.
            if (goesOn && (hash & 1) != 0)
                continue;
            names.Sort(static (left, right) => left.Place.CompareTo(right.Place));
            if (!TryAdd(volume, names, ref records, ref offset))
            {
                isFull = true;
                return Errno.None;
            }

            names.Clear();
            if (!goesOn)
                return Errno.None;
        }

        return error;
    }

    private static void Collect(byte[] bytes, HashVersion version, uint[] seed, long from, List<(long, DirectoryEntry, byte[])> into)
    {
        DirectoryEntry entry;
        for (int at = 0; at < bytes.Length; at += entry.Length)
        {
            entry = DirectoryBlock.Read(bytes, at);
            if (!IsShown(entry, bytes))
                continue;
            var hash = DirectoryHash.Of(entry.Name(bytes), version, seed);
            long place = (long)(hash.Major >> 1) << 32 | hash.Minor;
            if (place >= from)
                into.Add((place, entry, bytes));
        }
    }

    // Names with the same place go together: an offset cannot lie between them.
    private static bool TryAdd(Volume volume, List<(long Place, DirectoryEntry Entry, byte[] Block)> names, ref DirectoryRecords records, ref long offset)
    {
        for (int first = 0, end; first < names.Count; first = end)
        {
            for (end = first + 1; end < names.Count && names[end].Place == names[first].Place;)
                end++;
            DirectoryRecords before = records;
            for (int number = first; number < end; number++)
            {
                (long place, DirectoryEntry entry, byte[] block) = names[number];
                if (!records.TryAdd(entry.Inode, place + 1 + FirstName, TypeOf(volume, entry), entry.Name(block)))
                {
                    records = before;
                    return false;
                }
            }

            offset = names[first].Place + 1 + FirstName;
        }

        return true;
    }

    // Four bytes for the parent, then entries; those behind the inode's own bytes go on in the attribute.
    private static Errno ListInline(Volume volume, Ext4Directory directory, ref DirectoryRecords records, ref long offset, out bool isFull)
    {
        isFull = false;
        foreach ((int at, DirectoryEntry entry, byte[] part) in directory.InlineNames())
        {
            if (FirstName + at < offset)
                continue;
            if (!records.TryAdd(entry.Inode, FirstName + at + 1, TypeOf(volume, entry), entry.Name(part)))
            {
                isFull = true;
                return Errno.None;
            }

            offset = FirstName + at + 1;
        }

        return Errno.None;
    }

    private static bool IsShown(DirectoryEntry entry, ReadOnlySpan<byte> bytes)
    {
        if (entry.Inode == 0)
            return false;
        ReadOnlySpan<byte> name = entry.Name(bytes);
        return !name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8);
    }

    private static byte TypeOf(Volume volume, DirectoryEntry entry) => volume.Super.Has(IncompatibleFeatures.FileType) ? entry.RecordType : (byte)0;
}
