using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>A name on its way to another block.</summary>
/// <param name="Hash">Where an index has it.</param>
/// <param name="Inode">What it stands for.</param>
/// <param name="Name">Its letters.</param>
/// <param name="Type">Kind of file, or 0.</param>
internal readonly record struct IndexedName(uint Hash, uint Inode, byte[] Name, byte Type);

/// <summary>The names of a block that has been checked.</summary>
internal static class NameBlock
{
    /// <summary>Adds a name where there is room for it.</summary>
    public static bool TryInsert(byte[] bytes, ReadOnlySpan<byte> name, uint inode, byte type)
    {
        int needed = DirectoryEntry.Needs(name.Length);
        DirectoryEntry entry;
        for (int at = 0; at < bytes.Length; at += entry.Length)
        {
            entry = DirectoryBlock.Read(bytes, at);
            int used = entry.Inode == 0 ? 0 : DirectoryEntry.Needs(entry.NameLength);
            bool isTail = entry.Inode == 0 && entry.Length == DirectoryBlock.TailLength && at + entry.Length == bytes.Length && entry.Type == 0xDE;
            if (isTail || entry.Length - used < needed)
                continue;
            if (used > 0)
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 4), (ushort)used);
            DirectoryBlock.Write(bytes, at + used, entry.Length - used, inode, name, type);
            return true;
        }

        return false;
    }

    /// <summary>All of them from an offset on, in the order of their hashes.</summary>
    public static List<IndexedName> Sorted(byte[] block, int from, Func<byte[], uint> hash)
    {
        var names = new List<IndexedName>();
        DirectoryEntry entry;
        for (int at = from; at < block.Length; at += entry.Length)
        {
            entry = DirectoryBlock.Read(block, at);
            if (entry.Inode != 0)
                names.Add(new IndexedName(hash(entry.Name(block).ToArray()), entry.Inode, entry.Name(block).ToArray(), entry.Type));
        }

        names.Sort(static (left, right) => left.Hash.CompareTo(right.Hash));
        return names;
    }

    /// <summary>Puts names one after the other; the last one has the rest, without the tail.</summary>
    public static void Fill(byte[] block, List<IndexedName> names, int tail)
    {
        int end = block.Length - tail;
        block.AsSpan(0, end).Clear();
        int at = 0;
        for (int number = 0; number < names.Count; number++)
        {
            int length = number == names.Count - 1 ? end - at : DirectoryEntry.Needs(names[number].Name.Length);
            DirectoryBlock.Write(block, at, length, names[number].Inode, names[number].Name, names[number].Type);
            at += length;
        }

        if (names.Count == 0)
            BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(4), (ushort)end);
    }
}
