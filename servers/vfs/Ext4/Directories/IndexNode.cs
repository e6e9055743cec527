using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>
/// A node of a directory's index: sorted pairs of a hash and a block of the directory, of which the first has no hash; its place holds how many there are and
/// may be. Layout: the Linux kernel's documentation, "Hash Tree Directories".
/// </summary>
internal readonly ref struct IndexNode(Span<byte> bytes, int start)
{
    public const int EntryLength = 8, RootStart = 32, NodeStart = 8, TailLength = 8;

    /// <summary>Levels between root and leaves: one, or two in large directories.</summary>
    public const int MostLevels = 2, MostLevelsLarge = 3;

    private const int RootInfo = 24, InfoLength = 8;

    // The other bits of a block's number mean nothing.
    private const uint BlockMask = 0x0FFFFFFF;

    private readonly Span<byte> bytes = bytes;

    public int Most
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(bytes[start..]);
        set => BinaryPrimitives.WriteUInt16LittleEndian(bytes[start..], (ushort)value);
    }

    public int Count
    {
        get => BinaryPrimitives.ReadUInt16LittleEndian(bytes[(start + 2)..]);
        set => BinaryPrimitives.WriteUInt16LittleEndian(bytes[(start + 2)..], (ushort)value);
    }

    public static HashVersion VersionOf(ReadOnlySpan<byte> root) => (HashVersion)root[RootInfo + 4];

    public static int LevelsOf(ReadOnlySpan<byte> root) => root[RootInfo + 6];

    public static void SetInfo(Span<byte> root, HashVersion version, int levels)
    {
        root.Slice(RootInfo, InfoLength).Clear();
        root[RootInfo + 4] = (byte)version;
        root[RootInfo + 5] = InfoLength;
        root[RootInfo + 6] = (byte)levels;
    }

    public static void SetLevels(Span<byte> root, int levels) => root[RootInfo + 6] = (byte)levels;

    /// <summary>True for a root whose fields are known.</summary>
    public static bool IsRoot(ReadOnlySpan<byte> root) => BinaryPrimitives.ReadUInt32LittleEndian(root[RootInfo..]) == 0
        && VersionOf(root) <= HashVersion.Last && root[RootInfo + 5] == InfoLength && (root[RootInfo + 7] & 1) == 0;

    /// <summary>Entries that such a node has room for.</summary>
    public static int RoomIn(int length, int start, bool hasTail) => (length - start - (hasTail ? TailLength : 0)) / EntryLength;

    /// <summary>True if the numbers fit and the hashes are in order, so that no way through the index comes back.</summary>
    public bool IsSound(bool hasTail)
    {
        if (Count == 0 || Count > Most || Most > RoomIn(bytes.Length, start, hasTail))
            return false;
        for (int entry = 1; entry < Count; entry++)
        {
            if (Hash(entry) < Hash(entry - 1))
                return false;
        }

        return true;
    }

    public uint Hash(int entry) => entry == 0 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes[(start + entry * EntryLength)..]);

    public long Block(int entry) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(start + entry * EntryLength + 4)..]) & BlockMask;

    public void Set(int entry, uint hash, long block)
    {
        if (entry > 0)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(start + entry * EntryLength)..], hash);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(start + entry * EntryLength + 4)..], (uint)block);
    }

    /// <summary>The last entry whose hash is not greater.</summary>
    public int Find(uint hash)
    {
        int low = 1, high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (Hash(middle) <= hash)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>Makes room for an entry that is not the first; there is some.</summary>
    public void Insert(int entry, uint hash, long block)
    {
        int at = start + entry * EntryLength, end = start + Count * EntryLength;
        bytes[at..end].CopyTo(bytes[(at + EntryLength)..]);
        Count++;
        Set(entry, hash, block);
    }

    public bool IsIntact(uint seed) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(TailAt + 4)..]) == Sum(seed);

    public void Seal(uint seed) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[(TailAt + 4)..], Sum(seed));

    private int TailAt => start + Most * EntryLength;

    // What is there before the entries, the entries in use, and the tail with a sum of zero.
    private uint Sum(uint seed)
    {
        uint sum = Checksums.Castagnoli(seed, bytes[..(start + Count * EntryLength)]);
        return Checksums.Castagnoli(Checksums.Castagnoli(sum, bytes.Slice(TailAt, 4)), 0u);
    }
}
