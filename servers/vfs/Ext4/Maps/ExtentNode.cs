using System.Buffers.Binary;

namespace Servers.Vfs.Ext4;

/// <summary>
/// A node of an extent tree, as it lies in an inode or a block: a header and sorted entries of 12 bytes each, extents in a leaf and indexes above. Layout: the
/// Linux kernel's documentation, "Extent Tree".
/// </summary>
internal readonly ref struct ExtentNode(Span<byte> bytes)
{
    public const int EntryLength = 12, HeaderLength = 12, ChecksumLength = sizeof(uint);

    /// <summary>Longest extent, and what is added to the length of one that is unwritten.</summary>
    public const int MostBlocks = 0x8000, MostUnwritten = MostBlocks - 1;

    /// <summary>Deepest tree: 2^32 blocks need no more.</summary>
    public const int DeepestLevel = 5;

    private const ushort Magic = 0xF30A;

    private readonly Span<byte> bytes = bytes;

    public Span<byte> Bytes => bytes;

    public int Count
    {
        get => Half(2);
        set => BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], (ushort)value);
    }

    public int Most => Half(4);

    public int Depth
    {
        get => Half(6);
        set => BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], (ushort)value);
    }

    /// <summary>How many entries such a node can have.</summary>
    public static int RoomIn(int length) => (length - HeaderLength) / EntryLength;

    /// <summary>An empty node.</summary>
    public static ExtentNode Create(Span<byte> bytes, int depth, bool isRoot)
    {
        bytes.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], (ushort)(isRoot ? RoomIn(bytes.Length) : RoomIn(bytes.Length - ChecksumLength)));
        return new ExtentNode(bytes) { Depth = depth };
    }

    /// <summary>True for a header that agrees with its place.</summary>
    public bool IsSound(int depth, bool isRoot)
    {
        // Old file systems have no room for a checksum in the root, and all have it in blocks: (n - 12) / 12 leaves 4 bytes at least.
        int room = RoomIn(isRoot ? bytes.Length : bytes.Length - ChecksumLength);
        return Half(0) == Magic && Most > 0 && Most <= room && Count <= Most && Depth == depth && (depth == 0 || Count > 0);
    }

    /// <summary>First block of the file that an entry is about.</summary>
    public long First(int entry) => Word(entry, 0);

    public void SetFirst(int entry, long block) => SetWord(entry, 0, (uint)block);

    /// <summary>Blocks of an extent; 0 is none.</summary>
    public int Length(int entry)
    {
        int length = Half(HeaderLength + entry * EntryLength + 4);
        return length > MostBlocks ? length - MostBlocks : length;
    }

    public bool IsUnwritten(int entry) => Half(HeaderLength + entry * EntryLength + 4) > MostBlocks;

    public void SetLength(int entry, int length, bool isUnwritten) =>
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[(HeaderLength + entry * EntryLength + 4)..], (ushort)(isUnwritten ? length + MostBlocks : length));

    /// <summary>Where an extent lies.</summary>
    public long Physical(int entry) => Word(entry, 8) | (long)Half(HeaderLength + entry * EntryLength + 6) << 32;

    public void SetPhysical(int entry, long block)
    {
        SetWord(entry, 8, (uint)block);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[(HeaderLength + entry * EntryLength + 6)..], (ushort)(block >> 32));
    }

    /// <summary>The node that an index leads to.</summary>
    public long Child(int entry) => Word(entry, 4) | (long)Half(HeaderLength + entry * EntryLength + 8) << 32;

    public void SetChild(int entry, long block)
    {
        SetWord(entry, 4, (uint)block);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(HeaderLength + entry * EntryLength + 8)..], (uint)(block >> 32) & ushort.MaxValue);
    }

    /// <summary>The last entry that begins at a block or before it; −1: there is none.</summary>
    public int Find(long block)
    {
        int low = 0, high = Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            if (First(middle) <= block)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    /// <summary>True if entries are in order, within [first, end), and extents are within the device.</summary>
    public bool AreEntriesSound(Volume volume, long first, long end)
    {
        long before = first;
        bool isLeaf = Depth == 0;
        for (int entry = 0, count = Count; entry < count; entry++)
        {
            long from = First(entry), length = isLeaf ? Length(entry) : 1;
            // The first index of a node may begin later than the node's own: blocks were cut from its front.
            if (from < before || length == 0 || from + length > end)
                return false;
            if (!(isLeaf ? volume.AreBlocks(Physical(entry), length) : volume.IsBlock(Child(entry))))
                return false;
            before = from + length;
        }

        return true;
    }

    /// <summary>Makes room for an entry; there is some.</summary>
    public void Insert(int entry)
    {
        int at = HeaderLength + entry * EntryLength, end = HeaderLength + Count * EntryLength;
        bytes[at..end].CopyTo(bytes[(at + EntryLength)..]);
        bytes.Slice(at, EntryLength).Clear();
        Count++;
    }

    /// <summary>Takes an entry away.</summary>
    public void Remove(int entry)
    {
        int at = HeaderLength + entry * EntryLength, end = HeaderLength + Count * EntryLength;
        bytes[(at + EntryLength)..end].CopyTo(bytes[at..]);
        bytes.Slice(end - EntryLength, EntryLength).Clear();
        Count--;
    }

    /// <summary>True if the checksum behind the last place is right.</summary>
    public bool IsIntact(uint seed) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[SumAt..]) == Checksums.Castagnoli(seed, bytes[..SumAt]);

    public void Seal(uint seed) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[SumAt..], Checksums.Castagnoli(seed, bytes[..SumAt]));

    private int SumAt => HeaderLength + Most * EntryLength;

    private ushort Half(int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private uint Word(int entry, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(HeaderLength + entry * EntryLength + at)..]);

    private void SetWord(int entry, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[(HeaderLength + entry * EntryLength + at)..], value);
}
