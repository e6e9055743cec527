using Libsys.Rings;

namespace Libsys.Messages;

/// <summary>
/// The ring of posted calls in the area of a program's connection to vfs: closes, opens, writes and changes of names that have no answer, and that vfs serves
/// before anything else (docs/posted-calls.md, docs/posted-names.md). Offsets are in the rings' object.
/// </summary>
public static class PostedLayout
{
    /// <summary>Where it begins: behind the descriptor table.</summary>
    public const uint Start = VfsLimits.DescriptorTable + VfsLimits.DescriptorTableEntries * sizeof(ushort);

    /// <summary>32 bits, written by the client: entries posted so far; runs freely.</summary>
    public const uint Tail = Start;

    /// <summary>32 bits, written by vfs: entries served so far.</summary>
    public const uint Head = Start + RingLayout.SlotLength;

    /// <summary>32 bits, written by vfs: 1 while it looks at this ring before it serves anything else.</summary>
    public const uint Minded = Head + sizeof(uint);

    /// <summary>Entries: a power of two.</summary>
    public const uint Entries = 64;

    /// <summary>Bytes an entry: two words.</summary>
    public const uint EntryLength = 16;

    /// <summary>Where they begin.</summary>
    public const uint FirstEntry = Head + RingLayout.SlotLength;

    /// <summary>
    /// Words of 64 bits, each a permit to post writes: by the lowest bits of the handle. vfs writes them; the client takes writes from them, by
    /// compare-and-exchange, and vfs exchanges them for 0.
    /// </summary>
    public const uint FirstPermit = FirstEntry + Entries * EntryLength;

    /// <summary>How many there are: a power of two.</summary>
    public const uint Permits = 8;

    /// <summary>
    /// 64 bits, written by vfs: the permit to post changes of names, its number in the lowest <see cref="NamesAnswer.NumberBits"/>, above them the process
    /// slot; 0: there is none.
    /// </summary>
    public const uint NamesPermit = FirstPermit + Permits * sizeof(ulong);

    /// <summary>64 bits, written by vfs: the directory that it is for, <see cref="PublishedNames.Reference"/>.</summary>
    public const uint NamesDirectory = NamesPermit + sizeof(ulong);

    /// <summary>
    /// 32 bits, written by vfs: how many writes to files that are made by posted calls may be posted in a turn, before vfs has seen these files; 0: none.
    /// </summary>
    public const uint FreshWrites = NamesDirectory + sizeof(ulong);

    /// <summary>Behind all of it.</summary>
    public const uint End = FreshWrites + sizeof(ulong);

    /// <summary>Operation: the handle is closed.</summary>
    public const uint Close = 1;

    /// <summary>Operation: the second word names a record, which is opened under the handle; as <see cref="PublishedNames.Reference"/>.</summary>
    public const uint Open = 2;

    /// <summary>
    /// Operation: bytes of a pool are written at the description's own offset, or at the end. The first word is a <see cref="WriteWord"/>, the second a
    /// <see cref="Piece"/>.
    /// </summary>
    public const uint Write = 3;

    /// <summary>
    /// Operation: the same, to a file that was made by a posted call and that vfs has not seen (<see cref="FreshWrites"/>). <see cref="Done"/> if it was made.
    /// </summary>
    public const uint WriteFresh = 4;

    /// <summary>
    /// Operations on names, which follow in the next entries (<see cref="NameEntries"/>): the first is the old one of two. The first word is a
    /// <see cref="NamesWord"/>, the second a <see cref="NamesTime"/>.
    /// </summary>
    public const uint Rename = 5, Link = 6, Unlink = 7, RemoveDirectory = 8, MakeDirectory = 9;

    /// <summary>
    /// The same: makes a regular file and opens it under a handle that is lent. In the place of a second name there is an <see cref="OpenWord"/>.
    /// </summary>
    public const uint Create = 10;

    /// <summary>Bytes of an <see cref="OpenWord"/>.</summary>
    public const uint OpenWordLength = sizeof(ulong);

    /// <summary>Second word of an entry on names, or of a fresh write, once vfs has made the change.</summary>
    public const ulong Done = ulong.MaxValue;

    /// <summary>Longest name in an entry.</summary>
    public const uint LongestName = PublishedNames.LongestName;

    /// <summary>Most bytes of such a write.</summary>
    public const uint LongestWrite = 4096;

    /// <summary>Handles that vfs lends at once: a bit each in a word of 32.</summary>
    public const int LentHandles = 32;

    // Process slot in the lowest 32 bits, then the handle, the operation, and open flags from O_NONBLOCK to O_NOFOLLOW, open(2): the access mode is O_RDONLY.
    private const int HandleShift = 32, OperationShift = 48, FlagsShift = 52, LowestFlag = 11;
    private const uint HandleMask = 0xFFFF, OperationMask = 15, FlagsMask = 0x3F800;

    // Of a permit: writes that are left in the lowest bits, then handle, then process slot and 1.
    private const int PermitHandleShift = 20, PermitSlotShift = 36;

    // Of a piece: where in the pool, in units, how many bytes, less one, and the time in units of 1,024 ns: nearly as fine as Linux' own, and 208 days.
    // The first word has the part of the pool in the place of the flags, above the pool.
    private const int PieceUnit = 256, PartLength = 256 * PieceUnit, PieceLengthShift = 8, PieceTimeShift = 20, TimeUnitShift = 10;
    private const ulong PieceStartMask = 0xFF, PieceLengthMask = 0xFFF, TimeMask = ulong.MaxValue >> PieceTimeShift;

    // Of an entry on names: lengths in the place of the handle, the mode of what is made in that of the flags; the number of the permit below the time.
    private const int SecondLengthShift = HandleShift + 7, ModeShift = FlagsShift;
    private const uint LengthMask = 0x7F, ModeMask = 0xFFF;

    /// <summary>Writes that a permit has left.</summary>
    public const ulong PermitLeft = (1ul << PermitHandleShift) - 1;

    /// <summary>Where the permit of a handle is, if it has one.</summary>
    public static uint PermitAt(uint handle) => FirstPermit + (handle & (Permits - 1)) * sizeof(ulong);

    /// <summary>A permit, without the writes that are left. The slot is below 2²⁸ − 1.</summary>
    public static ulong Permit(uint slot, uint handle) => (slot + 1ul) << PermitSlotShift | (ulong)(handle & HandleMask) << PermitHandleShift;

    /// <summary>What a write is of: bytes of the pool, from a multiple of 256 on, and the wall time in nanoseconds.</summary>
    public static ulong Piece(uint offset, uint length, ulong time) =>
        offset / PieceUnit & PieceStartMask | (ulong)(length - 1) << PieceLengthShift | time >> TimeUnitShift << PieceTimeShift;

    /// <summary>Where a piece begins in its pool: as the client claims, up to 128 MiB.</summary>
    public static uint StartOf(ulong word, ulong piece) => (uint)(word >> FlagsShift + 1) * PartLength + (uint)(piece & PieceStartMask) * PieceUnit;

    /// <summary>Its bytes, 1 to <see cref="LongestWrite"/>.</summary>
    public static uint LengthOf(ulong piece) => (uint)(piece >> PieceLengthShift & PieceLengthMask) + 1;

    /// <summary>Its time, no later than now.</summary>
    public static long TimeOf(ulong piece, long now)
    {
        ulong age = ((ulong)now >> TimeUnitShift) - (piece >> PieceTimeShift) & TimeMask;
        return age > TimeMask / 2 ? now : ((now >> TimeUnitShift) - (long)age) << TimeUnitShift;
    }

    /// <summary>Where an entry is.</summary>
    public static uint EntryAt(uint index) => FirstEntry + (index & (Entries - 1)) * EntryLength;

    /// <summary>First word of an entry. The handle is below 2¹⁶.</summary>
    public static ulong Word(uint operation, uint slot, uint handle, uint flags) =>
        slot | (ulong)handle << HandleShift | (ulong)operation << OperationShift | (ulong)(flags & FlagsMask) << (FlagsShift - LowestFlag);

    /// <summary>First word of a write, of bytes that begin in a pool at a multiple of 256: the rest of the place is in the <see cref="Piece"/>.</summary>
    public static ulong WriteWord(uint operation, uint slot, uint handle, uint pool, uint offset) =>
        Word(operation, slot, handle, 0) | (ulong)(offset / PartLength << 1 | pool & 1) << FlagsShift;

    /// <summary>Number of the pool with a write's bytes: the first or the large one.</summary>
    public static uint PoolOf(ulong word) => (uint)(word >> FlagsShift) & 1;

    /// <summary>The operation of a first word.</summary>
    public static uint OperationOf(ulong word) => (uint)(word >> OperationShift) & OperationMask;

    /// <summary>The process slot of a first word.</summary>
    public static uint SlotOf(ulong word) => (uint)word;

    /// <summary>The handle of a first word.</summary>
    public static uint HandleOf(ulong word) => (uint)(word >> HandleShift) & HandleMask;

    /// <summary>The open flags of a first word: as the client claims.</summary>
    public static uint FlagsOf(ulong word) => (uint)(word >> (FlagsShift - LowestFlag)) & FlagsMask;

    /// <summary>First word of an entry on names, of which one that is not there has no length.</summary>
    public static ulong NamesWord(uint operation, uint slot, uint length, uint secondLength, uint mode) =>
        slot | (ulong)length << HandleShift | (ulong)secondLength << SecondLengthShift | (ulong)operation << OperationShift
        | (ulong)(mode & ModeMask) << ModeShift;

    /// <summary>How a file that is made is opened: its handle, below 2¹⁶, and flags of open(2).</summary>
    public static ulong OpenWord(uint handle, uint flags) => handle | (ulong)flags << HandleShift;

    /// <summary>The handle of such a word: as the client claims, any number.</summary>
    public static uint HandleOfOpen(ulong word) => (uint)word;

    /// <summary>Its flags.</summary>
    public static uint FlagsOfOpen(ulong word) => (uint)(word >> HandleShift);

    /// <summary>Length of the first name: as the client claims, up to 127.</summary>
    public static uint FirstLengthOf(ulong word) => (uint)(word >> HandleShift) & LengthMask;

    /// <summary>Length of the second one.</summary>
    public static uint SecondLengthOf(ulong word) => (uint)(word >> SecondLengthShift) & LengthMask;

    /// <summary>Permission bits of what is made.</summary>
    public static uint ModeOf(ulong word) => (uint)(word >> ModeShift) & ModeMask;

    /// <summary>Second word of an entry on names: number of the permit, and wall time in nanoseconds (<see cref="TimeOf"/>).</summary>
    public static ulong NamesTime(uint permit, ulong time) => permit | time >> TimeUnitShift << PieceTimeShift;

    /// <summary>The permit's number of a second word.</summary>
    public static uint PermitNumberOf(ulong word) => (uint)word & NamesAnswer.LastNumber;

    /// <summary>Entries with so many bytes of names.</summary>
    public static uint NameEntries(uint bytes) => (bytes + EntryLength - 1) / EntryLength;

    /// <summary>The word with the permit for names.</summary>
    public static ulong NamesPermitWord(uint slot, uint number) => number | (ulong)slot << NamesAnswer.NumberBits;
}
