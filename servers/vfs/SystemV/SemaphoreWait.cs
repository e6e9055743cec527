using Servers.Vfs.Objects;

namespace Servers.Vfs.SystemV;

/// <summary>What a request waits for at a set of semaphores: its operations, as they were read, and the one that cannot be done.</summary>
public sealed class SemaphoreWait : IRequestState
{
    /// <summary>A request that begins to wait.</summary>
    public SemaphoreWait(SemaphoreSet set, SemaphoreOperation[] operations)
    {
        Set = set;
        Operations = operations;
        set.Waiting.Add(this);
    }

    /// <summary>Where.</summary>
    public SemaphoreSet Set { get; }

    /// <summary>All operations.</summary>
    public SemaphoreOperation[] Operations { get; }

    /// <summary>The semaphore that it waits for.</summary>
    public int Number { get; private set; }

    /// <summary>It is to become zero, not larger.</summary>
    public bool IsForZero { get; private set; }

    /// <summary>The operation that cannot be done now.</summary>
    public void WaitFor(SemaphoreOperation blocked) => (Number, IsForZero) = (blocked.Number, blocked.Change == 0);

    /// <inheritdoc/>
    void IRequestState.Abandon(OperationContext request) => Set.Waiting.Remove(this);
}
