namespace Libsys.Hosting.Keeping;

/// <summary>Kept memory does not hold what its server could have left there. The server cannot go on from it.</summary>
public sealed class KeptStateException(string message) : Exception("kept state: " + message);

/// <summary>
/// Words in memory that outlives the server's process, and that no one else maps. A process may end between any two stores: what one word says is whole by
/// itself, what several words say together is changed by <see cref="Set"/> and <see cref="Commit"/>, through a log that whoever opens the memory next carries
/// out again. Contract and reasons: docs/keeping.md.
/// </summary>
public sealed class KeptState
{
    /// <summary>Offset of the first word that belongs to the owner.</summary>
    public const ulong Start = 0x800;

    /// <summary>Most changes of one commit.</summary>
    public const int MostChanges = (int)((Start - Log) / EntryLength);

    private const ulong Magic = 0x3154_4154_5350_454B; // "KEPSTAT1": another layout gets another number
    private const ulong MagicWord = 0, Committed = 8, Log = 16, EntryLength = 16;

    private readonly MappedMemory memory;
    private int changes;

    private KeptState(MappedMemory memory) => this.memory = memory;

    /// <summary>Bytes of the memory.</summary>
    public ulong Length => memory.Length;

    /// <summary>
    /// Called before each store, and by <see cref="ResumableRing"/> between its other steps: every moment at which a death makes a difference. For tests, which
    /// end the process there.
    /// </summary>
    public Action? Step { get; set; }

    /// <summary>Makes a state of fresh, zeroed memory: all of the owner's words are 0.</summary>
    public static KeptState Make(MappedMemory memory)
    {
        if (memory.Length < Start)
            throw new ArgumentException("kept state: too little memory", nameof(memory));
        var state = new KeptState(memory);
        state.Store(MagicWord, Magic);
        return state;
    }

    /// <summary>Opens what a predecessor left, and ends what it had committed.</summary>
    /// <exception cref="KeptStateException">It is none, or it is damaged.</exception>
    public static KeptState Open(MappedMemory memory, Action? step = null)
    {
        if (memory.Length < Start || memory.ReadUInt64(MagicWord) != Magic)
            throw new KeptStateException("no state of this layout");
        var state = new KeptState(memory) { Step = step };
        ulong committed = memory.ReadUInt64(Committed);
        if (committed > (ulong)MostChanges)
            throw new KeptStateException($"a log of {committed} changes");
        for (int index = 0; index < (int)committed; index++)
        {
            if (!state.IsOwners(memory.ReadUInt64(At(index))))
                throw new KeptStateException($"a change at {memory.ReadUInt64(At(index)):x}");
        }

        state.CarryOut((int)committed);
        return state;
    }

    /// <summary>Reads a word. What was set and not committed does not show.</summary>
    public ulong Read(ulong offset) => memory.ReadUInt64(offset);

    /// <summary>Changes one word, at once and for good.</summary>
    public void Write(ulong offset, ulong value)
    {
        Check(offset);
        Store(offset, value);
    }

    /// <summary>Adds a change to the next commit; of two changes of a word the later counts.</summary>
    /// <exception cref="InvalidOperationException">More than <see cref="MostChanges"/>.</exception>
    public void Set(ulong offset, ulong value)
    {
        Check(offset);
        if (changes == MostChanges)
            throw new InvalidOperationException("kept state: too many changes for one commit");
        Store(At(changes), offset);
        Store(At(changes) + sizeof(ulong), value);
        changes++;
    }

    /// <summary>Makes all changes since the last commit, as one step that has happened wholly or not at all, whenever the process ends.</summary>
    public void Commit()
    {
        if (changes == 0)
            return;
        int count = changes;
        changes = 0;
        Store(Committed, (ulong)count); // the moment from which they count
        CarryOut(count);
    }

    /// <summary>Forgets the changes since the last commit.</summary>
    public void Forget() => changes = 0;

    /// <summary>A moment between two steps outside this memory.</summary>
    public void Reach() => Step?.Invoke();

    private static ulong At(int index) => Log + (ulong)index * EntryLength;

    private void CarryOut(int count)
    {
        if (count == 0)
            return;
        for (int index = 0; index < count; index++)
            Store(memory.ReadUInt64(At(index)), memory.ReadUInt64(At(index) + sizeof(ulong)));
        Store(Committed, 0);
    }

    private bool IsOwners(ulong offset) => offset >= Start && offset % sizeof(ulong) == 0 && offset <= memory.Length - sizeof(ulong);

    private void Check(ulong offset)
    {
        if (!IsOwners(offset))
            throw new ArgumentOutOfRangeException(nameof(offset));
    }

    // One aligned store: seen by a successor wholly or not at all, and after all that were made before it (SDM vol. 3 §9.1.1, §9.2.2).
    private void Store(ulong offset, ulong value)
    {
        Step?.Invoke();
        memory.WriteUInt64(offset, value);
    }
}
