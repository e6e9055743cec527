namespace Libsys.Messages;

/// <summary>
/// What vfs and a program share about open regular files, docs/files-in-memory.md: an area of the space, with a slot for a handle. Only <see cref="Offset"/>,
/// <see cref="Accessed"/> and <see cref="Written"/> are changed by the program and looked at by vfs, and every value of them is harmless; the rest vfs writes
/// and never reads.
/// </summary>
public static class FileSlots
{
    /// <summary>Slots of an area. A file beyond them goes by requests.</summary>
    public const uint Count = 64;

    /// <summary>Bytes of a slot.</summary>
    public const uint Length = 256;

    /// <summary>Bytes of an area.</summary>
    public const uint AreaLength = Count * Length;

    /// <summary>
    /// Offset in a slot of the description's file offset, 64 bits: with <see cref="Lent"/> it is the truth and moved by compare-and-exchange; without, vfs has
    /// it and requests move it.
    /// </summary>
    public const uint Offset = 0;

    /// <summary>Bit of <see cref="Offset"/>: this word is the truth.</summary>
    public const ulong Lent = 1ul << 63;

    /// <summary>
    /// Bit of <see cref="Offset"/>, if <see cref="Lent"/> is not set: several handles move the offset in a page of the description (<see cref="OffsetPage"/>).
    /// The lower bits are its number there; 0: there is no page yet, and who maps it has it made.
    /// </summary>
    public const ulong Shared = 1ul << 62;

    /// <summary>Offset of a number, 32 bits: odd while what follows is shown. Another number after each change.</summary>
    public const uint Sequence = 8;

    /// <summary>Offset of what is shown, 32 bits: <see cref="Readable"/>, <see cref="HasRecord"/>.</summary>
    public const uint Flags = 12;

    /// <summary>Offset of the file's length, 64 bits.</summary>
    public const uint Size = 16;

    /// <summary>
    /// Offset of a number, 32 bits, that no two handles have in a slot one after the other: what was mapped for one is not taken for the other's.
    /// </summary>
    public const uint Tenant = 24;

    /// <summary>
    /// Offset of the handle that the slot is of, 32 bits: a thread that was told of a slot while another closed the handle, and opened something under its
    /// number, finds it is not the slot of that.
    /// </summary>
    public const uint Handle = 28;

    /// <summary>
    /// Offset of the wall time of the last read in memory, 64 bits, nanoseconds since 1970; 0: none since vfs has looked. With <see cref="Touches"/>.
    /// </summary>
    public const uint Accessed = 32;

    /// <summary>
    /// Offset of the number of the loan by which the handle may write in memory (<see cref="VfsOperation.MapWritten"/>), 32 bits; 0: there is none. Never the
    /// same twice in a slot. What has been mapped by a loan goes with it, so who finds an old number here writes nothing.
    /// </summary>
    public const uint Lease = 40;

    /// <summary>Offset of the lowest 32 bits of st_ino: files of slots with different ones are different.</summary>
    public const uint FileNumber = 44;

    /// <summary>Offset of the file's length during the loan, 64 bits: writes within it need no request.</summary>
    public const uint LeaseSize = 48;

    /// <summary>
    /// Offset of the wall time of the last write in memory, 64 bits, nanoseconds since 1970, stored before the first byte is; 0: none since vfs has looked.
    /// </summary>
    public const uint Written = 56;

    /// <summary>Bytes of a file that are mapped at once for a slot: as many as 64 reads of a page, beside which a change of the mapping costs little.</summary>
    public const ulong Stretch = 0x4_0000;

    /// <summary>
    /// The same for files that are longer than <see cref="Stretch"/>, as long as one of <see cref="LongPlaces"/> is free: tables are made only for what is
    /// touched, so it costs no more.
    /// </summary>
    public const ulong LongStretch = 0x400_0000;

    /// <summary>How many of those a space can have: they end below the last page, which no space has.</summary>
    public const uint LongPlaces = 15;

    /// <summary>Offset of Linux' struct stat, <see cref="StatLayout.Length"/> bytes.</summary>
    public const uint Record = 64;

    /// <summary>Offset of what the program keeps for the slot, behind the record: zero in a fresh area, and nobody else's business.</summary>
    public const uint Own = 208;

    /// <summary>Offset behind that of what it keeps for writing.</summary>
    public const uint OwnOfWriting = 240;

    /// <summary>
    /// Flag: the pages may be mapped (<see cref="VfsOperation.MapContent"/>) and read there, up to <see cref="Size"/>: the description is open for reading, no
    /// page is a hole, and reading does not change the access time, or <see cref="Touches"/>.
    /// </summary>
    public const uint Readable = 1;

    /// <summary>Flag: <see cref="Record"/> is what stat(2) would say.</summary>
    public const uint HasRecord = 2;

    /// <summary>Flag: who reads in memory says when, in <see cref="Accessed"/>: each read changes the access time. No record is shown meanwhile.</summary>
    public const uint Touches = 4;

    /// <summary>
    /// V2 of answers to Read, Write, Seek, Stat and Map of a handle, of those to Transfer V2 for the target and V1 for the source: this, or the number of its
    /// slot and 1. 0: no slot.
    /// </summary>
    public const ulong AreaWanted = 0xFFFF;

    /// <summary>What a word says that was taken back: the offset, or <paramref name="last"/> if it does not say that it was lent.</summary>
    public static long OffsetOf(ulong word, long last) => (word & Lent) != 0 ? (long)(word & ~Lent) : last;
}
