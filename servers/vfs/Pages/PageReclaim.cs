using Servers.Vfs.Objects;

namespace Servers.Vfs.Pages;

/// <summary>
/// Takes pages from files with a store when there are no slots: those that were not used since it last came by, one hand that goes round the arena (CLOCK). A
/// page that is mapped leaves the mapped object first and is taken the next time, unless it was touched, which asks the cache.
/// </summary>
internal sealed class PageReclaim(PageCache cache, int slots)
{
    /// <summary>A request that was tried so often keeps what it meets until it ends, one at a time.</summary>
    public const int PatientTries = 16;

    /// <summary>
    /// And after so many it takes what is there of its range: files in memory have left less than that. Each page that arrives may wake all who wait for room.
    /// </summary>
    public const int MostTries = 512;

    // A call that finds no slot makes room for those that follow.
    private const int Batch = 32;

    private OperationContext? favourite;
    private long favouriteSerial;
    private CachedFile? favoured;
    private long favouredFrom, favouredEnd;
    private (CachedFile? File, long From, long End) met, metBefore;
    private int hand = 1;

    /// <summary>Pages taken.</summary>
    public long Taken { get; private set; }

    /// <summary>
    /// What goes on now needs the pages [first, end) of a file: they stay until something else does, and so do those before: a hole has two ends.
    /// </summary>
    public void Meet(CachedFile file, long first, long end) => (met, metBefore) = ((file, first, end), met);

    /// <summary>What goes on now needs none.</summary>
    public void MeetNothing() => met = metBefore = default;

    /// <summary>As <see cref="Meet(CachedFile, long, long)"/>, for a request that may wait for some of them.</summary>
    public void Meet(OperationContext context, CachedFile file, long first, long end)
    {
        Meet(file, first, end);
        if (context.Tries <= PatientTries || (favourite?.Serial == favouriteSerial && !ReferenceEquals(favourite, context)))
            return;
        (favourite, favouriteSerial, favoured, favouredFrom, favouredEnd) = (context, context.Serial, file, first, end);
    }

    /// <summary>Frees slots, some more than are needed. False: none.</summary>
    public bool Free(int needed)
    {
        int wanted = Math.Max(needed, Batch);
        int freed = 0;
        // Once round for those that were not used, and again for those that have lost their mark.
        for (int round = 0; round < 2 && freed == 0 && cache.States.Count > 0; round++)
        {
            for (int looked = 0; looked < slots && freed < wanted;)
                looked += Step(ref freed);
        }

        return freed > 0;
    }

    // Looks at the slot below the hand. Returns how far it has moved.
    private int Step(ref int freed)
    {
        Span<SlotState> piece = cache.States.Piece(hand);
        int within = hand & (SlotStates.PieceSlots - 1);
        int moved = piece.IsEmpty ? SlotStates.PieceSlots - within : 1;
        int slot = hand;
        hand = hand + moved < slots ? hand + moved : 0;
        if (!piece.IsEmpty && piece[within].Owner is { } owner && TryTake(owner, ref piece[within], slot))
        {
            freed++;
            Taken++;
        }

        return moved;
    }

    private bool TryTake(StoredPages owner, ref SlotState state, int slot)
    {
        long page = state.Page;
        if ((state.Flags & (SlotFlags.Reading | SlotFlags.Orphan)) != 0 || IsNeeded(owner.File, page))
            return false;
        bool wasUsed = (state.Flags & SlotFlags.Referenced) != 0;
        state.Flags &= ~SlotFlags.Referenced;
        if ((state.Flags & SlotFlags.Shared) != 0)
            owner.Unshare(page, ref state);
        if (wasUsed)
            return false;
        if (owner.Dirty.Contains(page))
        {
            owner.BeginWriteOf(page);
            return false;
        }

        owner.Evict(page, slot);
        return true;
    }

    private bool IsNeeded(CachedFile file, long page) =>
        (ReferenceEquals(file, met.File) && page >= met.From && page < met.End)
        || (ReferenceEquals(file, metBefore.File) && page >= metBefore.From && page < metBefore.End)
        || (ReferenceEquals(file, favoured) && page >= favouredFrom && page < favouredEnd && favourite?.Serial == favouriteSerial);
}
