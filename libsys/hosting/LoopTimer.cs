namespace Libsys.Hosting;

/// <summary>A deadline in an event loop. Made once, set as often as wanted, without allocation.</summary>
public sealed class LoopTimer
{
    private readonly TimerHeap heap;

    internal LoopTimer(TimerHeap heap, Action expired)
    {
        this.heap = heap;
        Expired = expired;
    }

    /// <summary>Nanoseconds since boot.</summary>
    public ulong Deadline { get; private set; }

    /// <summary>True until it expired or was cancelled.</summary>
    public bool IsSet => Position >= 0;

    internal Action Expired { get; }

    /// <summary>Index in the heap, −1 if not set.</summary>
    internal int Position { get; set; } = -1;

    /// <summary>Calls the action once at (or soon after) the deadline; replaces an earlier setting.</summary>
    public void Set(ulong deadline)
    {
        Cancel();
        Deadline = deadline;
        heap.Insert(this);
    }

    /// <summary>Takes the setting back.</summary>
    public void Cancel()
    {
        if (IsSet)
            heap.Remove(this);
    }
}
