using System.Runtime.CompilerServices;

namespace Libsys.Messages;

/// <summary>
/// What names in public directories stand for, and what the files there are like: vfs writes it, and every space that asks
/// (<see cref="VfsOperation.MapNames"/>) maps it read-only at <see cref="Libsys.Abi.Window.PublishedNames"/>. docs/published-names.md.
/// </summary>
public static class PublishedNames
{
    /// <summary>First word of the header.</summary>
    public const ulong Magic = 0x0153_454D_414E_4656;

    /// <summary>Second word of the header: this layout.</summary>
    public const ulong Version = 1;

    /// <summary>
    /// Word of 64 bits on a cache line of its own: odd while vfs changes anything here, another even number after it. What was read between two equal even
    /// numbers was there at one time.
    /// </summary>
    public const uint Sequence = 64;

    /// <summary>
    /// Word of 64 bits on a cache line of its own: odd while vfs serves requests, or no posted calls; another even number after each. What was found between
    /// two equal even numbers is what a call finds that was posted between them. docs/posted-calls.md.
    /// </summary>
    public const uint Turn = 128;

    /// <summary>Records: a file each. 0 is the root directory, its own parent.</summary>
    public const uint Records = 2048;

    /// <summary>Bytes a record.</summary>
    public const uint RecordLength = 256;

    /// <summary>Where they begin.</summary>
    public const uint FirstRecord = 4096;

    /// <summary>In a record, 32 bits: goes up when the record stops standing for what it stands for, and stays when it is used again.</summary>
    public const uint Generation = 0;

    /// <summary>In a record, 32 bits: type of the file in the lowest four as st_mode has it, and the bits below. 0: it stands for nothing.</summary>
    public const uint Flags = 4;

    /// <summary>In a record, 32 bits: the record of the directory above, of a directory.</summary>
    public const uint Parent = 8;

    /// <summary>In a record, 32 bits: bytes of a symbolic link's text; 0: not here.</summary>
    public const uint TextLength = 12;

    /// <summary>In a record: struct stat, if <see cref="HasAttributes"/> is set.</summary>
    public const uint Attributes = 16;

    /// <summary>In a record: text of a symbolic link.</summary>
    public const uint Text = 160;

    /// <summary>Longest of these.</summary>
    public const uint LongestText = RecordLength - Text;

    /// <summary>Bits of the type in the flags.</summary>
    public const uint TypeMask = 15;

    /// <summary>How far st_mode is moved to the right for it.</summary>
    public const int TypeShift = 12;

    /// <summary>The attributes are right.</summary>
    public const uint HasAttributes = 16;

    /// <summary>A directory in which, and above which, everybody may search.</summary>
    public const uint IsSearchable = 32;

    /// <summary>A sticky directory that all may write: links in it are not followed for everybody, proc(5), fs.protected_symlinks.</summary>
    public const uint IsShared = 64;

    /// <summary>The mount that a directory is seen through is noexec.</summary>
    public const uint IsNoExecute = 128;

    /// <summary>Entries: a name in a directory each.</summary>
    public const uint Entries = 4096;

    /// <summary>Bytes an entry.</summary>
    public const uint EntryLength = 80;

    /// <summary>Where they begin.</summary>
    public const uint FirstEntry = FirstRecord + Records * RecordLength;

    /// <summary>Places behind that of its hash where an entry may be, itself counted: all are looked at.</summary>
    public const uint Probes = 8;

    /// <summary>In an entry, 32 bits: the name's hash; 0: no entry. With the next field, and those two behind it, a word of 64 bits each.</summary>
    public const uint EntryHash = 0;

    /// <summary>In an entry, 32 bits: the directory's record.</summary>
    public const uint EntryParent = 4;

    /// <summary>In an entry, 32 bits: the record of what the name stands for, or <see cref="Absent"/>.</summary>
    public const uint EntryChild = 8;

    /// <summary>In an entry, 32 bits: bytes of the name.</summary>
    public const uint EntryNameLength = 12;

    /// <summary>In an entry: the name, filled up with zeros to whole words of 64 bits.</summary>
    public const uint EntryName = 16;

    /// <summary>Longest name that has entries.</summary>
    public const uint LongestName = EntryLength - EntryName;

    /// <summary>There is no such name.</summary>
    public const uint Absent = uint.MaxValue;

    /// <summary>Bytes of the whole: whole pages.</summary>
    public const ulong Length = FirstEntry + Entries * EntryLength;

    /// <summary>A record by its number; the highest bits do not count.</summary>
    public static uint RecordAt(uint number) => FirstRecord + (number & (Records - 1)) * RecordLength;

    /// <summary>An entry by its place; the highest bits do not count.</summary>
    public static uint EntryAt(uint place) => FirstEntry + (place & (Entries - 1)) * EntryLength;

    /// <summary>
    /// The hash of a name goes over its words of 64 bits, filled up with zeros, which no name contains. It need not be safe from who chooses names: an entry
    /// has eight places, and whoever finds none of them free asks by message.
    /// </summary>
    public static ulong BeginHash(uint parent) => parent;

    /// <summary>The next word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong AddToHash(ulong hash, ulong word)
    {
        hash = (hash ^ word) * 0x9E37_79B9_7F4A_7C15; // 2^64 divided by the golden ratio: multiplicative hashing
        return hash ^ hash >> 32;
    }

    /// <summary>All words were added. Never 0.</summary>
    public static uint EndHash(ulong hash) => (uint)hash | 1u << 31;

    /// <summary>How vfs names a record to a program: the number with one added, and the generation. 0: none.</summary>
    public static ulong Reference(uint record, uint generation) => record + 1 | (ulong)generation << 32;
}
