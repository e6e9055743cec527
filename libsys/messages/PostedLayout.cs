using Libsys.Rings;

namespace Libsys.Messages;

/// <summary>
/// The ring of posted calls in the area of a program's connection to vfs: closes and opens that have no answer, and that vfs serves before anything else
/// (docs/posted-calls.md). Offsets are in the rings' object.
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

    /// <summary>Behind the last one.</summary>
    public const uint End = FirstEntry + Entries * EntryLength;

    /// <summary>Operation: the handle is closed.</summary>
    public const uint Close = 1;

    /// <summary>Operation: the second word names a record, which is opened under the handle; as <see cref="PublishedNames.Reference"/>.</summary>
    public const uint Open = 2;

    /// <summary>Handles that vfs lends at once: a bit each in a word of 32.</summary>
    public const int LentHandles = 32;

    // Process slot in the lowest 32 bits, then the handle, the operation, and open flags from O_NONBLOCK to O_NOFOLLOW, open(2): the access mode is O_RDONLY.
    private const int HandleShift = 32, OperationShift = 48, FlagsShift = 52, LowestFlag = 11;
    private const uint HandleMask = 0xFFFF, OperationMask = 15, FlagsMask = 0x3F800;

    /// <summary>Where an entry is.</summary>
    public static uint EntryAt(uint index) => FirstEntry + (index & (Entries - 1)) * EntryLength;

    /// <summary>First word of an entry. The handle is below 2¹⁶.</summary>
    public static ulong Word(uint operation, uint slot, uint handle, uint flags) =>
        slot | (ulong)handle << HandleShift | (ulong)operation << OperationShift | (ulong)(flags & FlagsMask) << (FlagsShift - LowestFlag);

    /// <summary>The operation of a first word.</summary>
    public static uint OperationOf(ulong word) => (uint)(word >> OperationShift) & OperationMask;

    /// <summary>The process slot of a first word.</summary>
    public static uint SlotOf(ulong word) => (uint)word;

    /// <summary>The handle of a first word.</summary>
    public static uint HandleOf(ulong word) => (uint)(word >> HandleShift) & HandleMask;

    /// <summary>The open flags of a first word: as the client claims.</summary>
    public static uint FlagsOf(ulong word) => (uint)(word >> (FlagsShift - LowestFlag)) & FlagsMask;
}
