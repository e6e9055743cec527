namespace Servers.Vfs.Pages;

/// <summary>Whose page a slot holds, for slots that belong to files with a store. Kept in pieces, so that a machine without any pays nothing.</summary>
/// <param name="slots">Slots of the arena.</param>
internal sealed class SlotStates(int slots)
{
    /// <summary>Slots of a piece.</summary>
    public const int PieceSlots = 1 << Bits;

    private const int Bits = 10;
    private readonly SlotState[]?[] pieces = new SlotState[(slots + PieceSlots - 1) >> Bits][];

    /// <summary>Slots with an owner.</summary>
    public int Count { get; private set; }

    /// <summary>The state of a slot that has been given an owner.</summary>
    public ref SlotState this[int slot] => ref pieces[slot >> Bits]![slot & (PieceSlots - 1)];

    /// <summary>The states of the slots from a multiple of <see cref="PieceSlots"/> on; empty: none has an owner.</summary>
    public Span<SlotState> Piece(int slot) => pieces[slot >> Bits];

    /// <summary>A slot holds a page of a file from now on.</summary>
    public void Own(int slot, StoredPages owner, long page, SlotFlags flags)
    {
        pieces[slot >> Bits] ??= new SlotState[PieceSlots];
        this[slot] = new SlotState { Owner = owner, Page = (uint)page, Flags = flags };
        Count++;
    }

    /// <summary>And no longer.</summary>
    public void Disown(int slot)
    {
        this[slot] = default;
        Count--;
    }
}

/// <summary>What is known of a slot.</summary>
internal struct SlotState
{
    /// <summary>Whose page it holds; null: nobody's with a store.</summary>
    public StoredPages? Owner;

    /// <summary>Which page: 2^32 is the most that a file has.</summary>
    public uint Page;

    /// <summary>More of it.</summary>
    public SlotFlags Flags;
}

/// <summary>States of a page beside dirty and being written, which <see cref="DirtyPages"/> has.</summary>
[Flags]
internal enum SlotFlags : byte
{
    /// <summary>It is there.</summary>
    None = 0,

    /// <summary>Used since reclaim last came by.</summary>
    Referenced = 1,

    /// <summary>A store is filling it: nobody may look.</summary>
    Reading = 2,

    /// <summary>The mapped object has it too.</summary>
    Shared = 4,

    /// <summary>The file has given it up while it was on its way: it is freed when that ends.</summary>
    Orphan = 8,
}
