using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>Changes the names of a directory.</summary>
internal sealed class DirectoryEditor(Change change, Ext4Directory directory)
{
    private readonly InodeRecord record = change[directory];
    private readonly DirectoryGrowth blocks = new(change, directory);

    private Volume Volume => change.Volume;

    private uint Number => (uint)directory.Number;

    private bool HasTypes => Volume.Super.Has(IncompatibleFeatures.FileType);

    /// <summary>Makes the first block of a new directory.</summary>
    public Errno Begin(uint parent)
    {
        Errno error = blocks.Append(out byte[] bytes);
        if (error != Errno.None)
            return error;
        byte type = HasTypes ? (byte)2 : (byte)0;
        DirectoryBlock.Write(bytes, 0, DirectoryEntry.Needs(1), Number, "."u8, type);
        DirectoryBlock.Write(bytes, DirectoryEntry.Needs(1), Volume.BlockSize - blocks.Tail - DirectoryEntry.Needs(1), parent, ".."u8, type);
        return Errno.None;
    }

    /// <summary>Adds a name, which is not there.</summary>
    public Errno Add(ReadOnlySpan<byte> name, uint inode, uint mode)
    {
        byte type = HasTypes ? DirectoryEntry.TypeOf(mode) : (byte)0;
        if (DirectoryLookup.IsIndexed(Volume, record))
            return new IndexEditor(change, directory).Add(name, inode, type);
        long count = DirectoryReader.BlocksOf(Volume, record);
        for (long block = 0; block < count; block++)
        {
            Errno error = blocks.EditNames(block, out byte[] bytes);
            if (error != Errno.None)
                return error;
            if (NameBlock.TryInsert(bytes, name, inode, type))
                return Errno.None;
        }

        if (count == 1 && Volume.Super.Has(CompatibleFeatures.IndexedDirectories) && Volume.Super.DefaultHash <= (byte)HashVersion.Tea)
        {
            var index = new IndexEditor(change, directory);
            Errno error = index.Make();
            return error == Errno.None ? index.Add(name, inode, type) : error;
        }

        Errno failure = blocks.Append(out byte[] added);
        if (failure == Errno.None)
            DirectoryBlock.Write(added, 0, Volume.BlockSize - blocks.Tail, inode, name, type);
        return failure;
    }

    /// <summary>Takes a name away. ENOENT: it is not there, which is damage.</summary>
    public Errno Remove(ReadOnlySpan<byte> name)
    {
        Errno error = Edit(name, out byte[] bytes, out DirectoryEntry entry);
        if (error != Errno.None)
            return error;
        // What was before it takes its room; the first one of a block becomes a gap.
        int before = -1;
        DirectoryEntry at;
        for (int offset = 0; offset < entry.Offset; offset += at.Length)
        {
            at = DirectoryBlock.Read(bytes, offset);
            before = offset;
        }

        if (before < 0)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(entry.Offset), 0);
        else
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(before + 4), (ushort)(entry.Offset + entry.Length - before));
        return Errno.None;
    }

    /// <summary>Lets a name, or "..", stand for another inode.</summary>
    public Errno Replace(ReadOnlySpan<byte> name, uint inode, uint mode)
    {
        Errno error = Edit(name, out byte[] bytes, out DirectoryEntry entry);
        if (error != Errno.None)
            return error;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(entry.Offset), inode);
        bytes[entry.Offset + 7] = HasTypes ? DirectoryEntry.TypeOf(mode) : (byte)0;
        return Errno.None;
    }

    /// <summary>Lets ".." stand for another directory; it is the second entry of the first block, which may be the root of an index.</summary>
    public Errno SetParent(uint parent)
    {
        bool isIndexed = DirectoryLookup.IsIndexed(Volume, record);
        Errno error = isIndexed ? DirectoryReader.ReadNode(change, Number, record, 0, out byte[] bytes, out long physical)
            : DirectoryReader.ReadNames(change, Number, record, 0, out bytes, out physical);
        if (error == Errno.None)
            error = change.Edit(physical, out bytes);
        if (error != Errno.None)
            return error;
        if (!DirectoryBlock.TryRead(bytes, 12, Volume.Super.InodeCount, out DirectoryEntry entry) || !entry.Name(bytes).SequenceEqual(".."u8))
            return Volume.Corrupted($"directory {Number} has no parent");
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(entry.Offset), parent);
        blocks.Seal(physical, isIndexed ? IndexNode.RootStart : 0);
        return Errno.None;
    }

    /// <summary>True if there is no name but "." and "..".</summary>
    public static Errno CheckEmpty(BlockReader reader, Ext4Directory directory)
    {
        InodeRecord record = directory.Record;
        bool isIndexed = DirectoryLookup.IsIndexed(reader.Volume, record);
        for (long block = isIndexed ? 1 : 0; block < DirectoryReader.BlocksOf(reader.Volume, record); block++)
        {
            Errno error = DirectoryReader.ReadAny(reader, (uint)directory.Number, record, block, out byte[] bytes, out _);
            if (error != Errno.None)
                return error;
            DirectoryEntry entry;
            for (int at = 0; at < bytes.Length; at += entry.Length)
            {
                if (!DirectoryBlock.TryRead(bytes, at, reader.Volume.Super.InodeCount, out entry))
                    return reader.Volume.Corrupted($"directory {directory.Number}, block {block}: no names");
                if (entry.Inode != 0 && !entry.Name(bytes).SequenceEqual("."u8) && !entry.Name(bytes).SequenceEqual(".."u8))
                    return Errno.ENOTEMPTY;
            }
        }

        return Errno.None;
    }

    private Errno Edit(ReadOnlySpan<byte> name, out byte[] bytes, out DirectoryEntry entry)
    {
        (bytes, entry) = ([], default);
        Errno error = DirectoryLookup.Find(change, Number, record, name, out FoundName found);
        if (error == Errno.None && found.Entry.Inode == 0)
            error = Volume.Corrupted($"directory {Number} has lost a name");
        if (error == Errno.None)
            error = change.Edit(found.Physical, out bytes);
        if (error != Errno.None)
            return error;
        entry = found.Entry;
        blocks.Seal(found.Physical, 0);
        return Errno.None;
    }
}
