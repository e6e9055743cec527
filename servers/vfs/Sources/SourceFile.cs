using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sources;

/// <summary>
/// An open file description whose state is one 64-bit word, or two that change at once, and lies in a page that programs share as soon as one has asked for it
/// (docs/memory-sources.md). What is read from the page may be anything.
/// </summary>
public abstract class SourceFile : OpenFile
{
    /// <summary>
    /// How often a changed state is tried anew. Programs that change it let <see cref="TryReplace"/> fail now and then, but so often only who means harm.
    /// </summary>
    protected const int MostTries = 1000;

    private readonly List<SourceMapping> mappings = [];
    private ISourcePage? page;
    private Words own, seen;

    /// <summary>A description with its first state.</summary>
    protected SourceFile(Location location, uint flags, ulong state)
        : base(location, flags)
    {
        own.State = state;
        Waiters = new WaitQueue { Joined = Watch };
    }

    private record struct Words(ulong State, (ulong First, ulong Second) Pair, uint Rises, uint Falls);

    /// <summary>Where the state lies in the page if it is two words; 0: it is one.</summary>
    protected virtual uint PairAt => 0;

    /// <inheritdoc/>
    public sealed override WaitQueue Waiters { get; }

    /// <inheritdoc/>
    public override bool IsSeekable => false;

    /// <summary>What a program has to know beside the page.</summary>
    public abstract ulong Kind { get; }

    /// <summary>How many processes have it mapped, or had.</summary>
    public int Mappings => mappings.Count;

    /// <inheritdoc/>
    public sealed override bool CountsChanges => true;

    /// <inheritdoc/>
    public override uint ChangeNumber(ushort events)
    {
        Look();
        bool isForReading = (events & PollEvents.Readable) != 0, isForWriting = (events & PollEvents.Writable) != 0;
        return EventCounterPage.ChangeNumber(isForReading, isForWriting, seen.Rises, seen.Falls);
    }

    /// <inheritdoc/>
    public sealed override void FlagsChanged() => page?.Memory.WriteUInt32(EventCounterPage.Flags, Flags);

    /// <summary>Maps the page into the space of a process, over what that has offered. ENOMEM: programs do without.</summary>
    public Errno Map(AttachedSpace space, uint slot, ulong address, ISourcePages? pages, bool isPrivileged)
    {
        if (page is null && !TryMake(pages, isPrivileged))
            return Errno.ENOMEM;
        KernelStatus status = space.Channel.Space.Map(address, page!);
        if (status != KernelStatus.Ok)
            return status is KernelStatus.NoMemory or KernelStatus.NoHandle ? Errno.ENOMEM : Errno.EINVAL;
        if (mappings.Exists(known => known.Space == space && known.Slot == slot))
            return Errno.None;
        var mapping = new SourceMapping(this, space, slot);
        mappings.Add(mapping);
        space.Grants.Add(mapping);
        return Errno.None;
    }

    /// <summary>A program has changed the page, and says so because somebody waits.</summary>
    public void LookAgain()
    {
        // Before anybody looks: who waits on wishes again. Who is passed by does not.
        if (Waiters.TryWakeAll())
            page?.Memory.WriteUInt32(EventCounterPage.Watched, 0);
    }

    /// <summary>A process that had the page mapped has ended, perhaps between a change and what follows on it: that is made up for.</summary>
    internal void Forget(SourceMapping mapping)
    {
        mappings.Remove(mapping);
        Count(EventCounterPage.Rises);
        Count(EventCounterPage.Falls);
        LookAgain();
    }

    /// <summary>The state now, from which a request decides whether it waits.</summary>
    protected ulong Look()
    {
        seen = Current();
        return seen.State;
    }

    /// <summary>
    /// Replaces the state that was found; those who wait look again, and an edge is counted at <paramref name="number"/>. False if it has changed meanwhile:
    /// then <paramref name="state"/> is what is there now.
    /// </summary>
    protected bool TryReplace(ref ulong state, ulong next, uint number)
    {
        if (page is null)
            own.State = next;
        else if (page.Memory.CompareExchangeUInt64(EventCounterPage.State, next, state) is var found && found != state)
        {
            seen.State = state = found;
            return false;
        }

        Count(number);
        Waiters.Wake();
        return true;
    }

    /// <summary>The state now, where it is two words, and how often the number of its rises was added to.</summary>
    protected (ulong First, ulong Second) LookAtPair(out uint rises)
    {
        seen = Current();
        rises = seen.Rises;
        return seen.Pair;
    }

    /// <summary>As <see cref="TryReplace"/> for two words, for a change that is <paramref name="rises"/> rises.</summary>
    protected bool TryReplacePair(ref (ulong First, ulong Second) pair, (ulong First, ulong Second) next, uint rises)
    {
        if (page is null)
        {
            own.Pair = next;
            own.Rises += rises;
        }
        else if (page.Memory.TryCompareExchangePair(PairAt, next, ref pair))
        {
            page.Memory.AddUInt32(EventCounterPage.Rises, rises);
        }
        else
        {
            seen.Pair = pair;
            return false;
        }

        Waiters.Wake();
        return true;
    }

    /// <summary>A request waits, after it has looked and found these two words: perhaps for a change that nobody makes, but time brings.</summary>
    protected virtual void OnWait((ulong First, ulong Second) pair)
    {
    }

    /// <inheritdoc/>
    protected override void OnLastClose()
    {
        foreach (SourceMapping mapping in mappings)
            mapping.Space.Grants.Remove(mapping);
        mappings.Clear();
        page?.Destroy();
        page = null;
    }

    private bool TryMake(ISourcePages? pages, bool isPrivileged)
    {
        page = pages?.Create(isPrivileged);
        if (page is null)
            return false;
        page.Memory.WriteUInt64(EventCounterPage.State, own.State);
        FlagsChanged();
        if (PairAt != 0)
        {
            page.Memory.WriteUInt64(PairAt, own.Pair.First);
            page.Memory.WriteUInt64(PairAt + sizeof(ulong), own.Pair.Second);
        }

        page.Memory.WriteUInt32(EventCounterPage.Rises, own.Rises);
        page.Memory.WriteUInt32(EventCounterPage.Falls, own.Falls);
        // Who waits already has not said so in the page.
        if (!Waiters.IsEmpty)
            LookAgain();
        return true;
    }

    // The numbers before the state: an edge that is counted later is not missed.
    private Words Current()
    {
        if (page is null)
            return own;
        uint rises = page.Memory.ReadUInt32(EventCounterPage.Rises), falls = page.Memory.ReadUInt32(EventCounterPage.Falls);
        (ulong First, ulong Second) pair = default;
        // Replaced by itself, if it is 0 and 0: the only way to read both at once.
        if (PairAt != 0)
            page.Memory.TryCompareExchangePair(PairAt, pair, ref pair);
        return new Words(page.Memory.ReadUInt64(EventCounterPage.State), pair, rises, falls);
    }

    private void Count(uint number)
    {
        if (page is not null)
            page.Memory.IncrementUInt32(number);
        else if (number == EventCounterPage.Rises)
            own.Rises++;
        else
            own.Falls++;
    }

    // A request has joined the queue: programs are to ring from now on, and what they have changed since the look is seen here.
    private void Watch()
    {
        OnWait(seen.Pair);
        if (page is null)
            return;
        page.Memory.ExchangeUInt32(EventCounterPage.Watched, 1);
        if (Current() != seen)
            Waiters.Wake();
    }
}
