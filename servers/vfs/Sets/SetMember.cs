using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sets;

/// <summary>A description in a set, by the number it was registered under. It is told of the description's end, and of its changes.</summary>
/// <param name="owner">The set.</param>
/// <param name="file">The description.</param>
/// <param name="number">Descriptor number, which only tells it from others of the same description.</param>
public sealed class SetMember(EpollFile owner, OpenFile file, uint number) : FileWatcher, IWaiter
{
    private readonly WaitNode node = new();
    private uint wakeUps, reportedAt;
    private bool isStale, isReported, wasCounted, isWatching;

    /// <summary>The set.</summary>
    public EpollFile Owner => owner;

    /// <summary>The description.</summary>
    public OpenFile File => file;

    /// <summary>Descriptor number.</summary>
    public uint Number => number;

    /// <summary>Where it is in the set's list.</summary>
    internal int Index { get; set; }

    /// <summary>What is waited for, and how; once it was shot, only how.</summary>
    public uint Events { get; private set; }

    /// <summary>The program's data.</summary>
    public ulong Data { get; private set; }

    /// <summary>Nobody asks: it shares wake-ups with nobody.</summary>
    public bool IsReady => false;

    private bool IsShot => (Events & ~EpollEvents.Ways) == 0;

    /// <summary>What is waited for from now on; edges begin anew.</summary>
    public void Set(uint events, ulong data)
    {
        Events = events;
        Data = data;
        isReported = false;
        if (!isWatching)
            file.Watch(this);
        isWatching = true;
        // What does not count its changes is counted here, from the start.
        if (!file.CountsChanges)
            Join();
    }

    /// <summary>An edge was reported before: when the number of changes was this one, or null: now.</summary>
    public void WasReported(uint? at)
    {
        int looks = EpollFile.MostLooks;
        Note(at is { } known && file.CountsChanges ? known : Changes(ref looks));
    }

    /// <summary>What is ready of it, and the number of its last change, taken before that. It costs a look; without one, nothing is.</summary>
    internal ushort Look(ref int looks, out uint number)
    {
        number = 0;
        if (IsShot || --looks < 0)
            return 0;
        if ((Events & EpollEvents.EdgeTriggered) != 0)
        {
            number = Changes(ref looks);
            if (isReported && reportedAt == number && wasCounted == file.CountsChanges)
                return 0;
        }

        return (ushort)((file is EpollFile inner ? inner.Poll(ref looks) : file.Poll()) & Events);
    }

    /// <summary>It was reported, with that number.</summary>
    internal void Note(uint changes)
    {
        isReported = true;
        reportedAt = changes;
        wasCounted = file.CountsChanges;
        if ((Events & EpollEvents.OneShot) != 0)
            Events &= EpollEvents.Ways;
    }

    /// <summary>Another number after each change.</summary>
    internal uint Changes(ref int looks)
    {
        looks--;
        return file is EpollFile inner ? inner.Changes(ref looks) : file.CountsChanges ? file.ChangeNumber((ushort)Events) : wakeUps;
    }

    /// <summary>
    /// Waits for the next change: anew after each, so that programs which change the description in memory are told to ring. True: another member of the set
    /// has just joined the same queue.
    /// </summary>
    internal bool Join()
    {
        WaitQueue? queue = file.Waiters;
        if (IsShot || (node.Queue == queue && !isStale))
            return false;
        node.Queue?.Remove(node);
        isStale = false;
        node.Waiter = this;
        bool isTwice = queue?.Last is SetMember last && last.Owner == owner;
        queue?.Add(node);
        return isTwice;
    }

    /// <summary>The description has changed. Called by who goes through its queue, so the queue stays as it is.</summary>
    public void MakeReady()
    {
        wakeUps++;
        isStale = true;
        owner.Changed();
    }

    /// <inheritdoc/>
    public override void FileEnded() => owner.Remove(this);

    /// <summary>It leaves the set.</summary>
    internal void End()
    {
        node.Queue?.Remove(node);
        file.Unwatch(this);
    }
}
