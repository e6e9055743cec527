namespace Servers.Processes.Tree;

/// <summary>
/// Resource limits of a process, getrlimit(2). Kept here because they are inherited and may be set from outside. Enforced are open files (by the personality),
/// file size (by vfs), processes and pending signals (here).
/// </summary>
internal sealed class ResourceLimits
{
    /// <summary>No limit.</summary>
    public const ulong Infinity = ulong.MaxValue;

    /// <summary>Kinds of limits.</summary>
    public const int Count = 16;

    /// <summary>Size to which a process may let a file grow, bytes.</summary>
    public const int FileSize = 1;

    /// <summary>Stack size, bytes.</summary>
    public const int Stack = 3;

    /// <summary>Processes of one user.</summary>
    public const int Processes = 6;

    /// <summary>Numbers of file descriptors.</summary>
    public const int OpenFiles = 7;

    /// <summary>Queued signals.</summary>
    public const int PendingSignals = 11;

    private readonly ulong[] soft = new ulong[Count];
    private readonly ulong[] hard = new ulong[Count];

    /// <summary>
    /// What Linux gives its first process (include/asm-generic/resource.h has the same figures): see getrlimit(2) for the meaning of each number.
    /// </summary>
    public ResourceLimits()
    {
        Array.Fill(soft, Infinity);
        Array.Fill(hard, Infinity);
        soft[Stack] = 8 << 20;
        soft[4] = 0; // RLIMIT_CORE: no core files
        (soft[Processes], hard[Processes]) = (4096, 4096); // entries of the process table
        (soft[OpenFiles], hard[OpenFiles]) = (1024, 4096);
        (soft[8], hard[8]) = (8 << 20, 8 << 20); // RLIMIT_MEMLOCK
        (soft[PendingSignals], hard[PendingSignals]) = (1024, 1024);
        (soft[12], hard[12]) = (819_200, 819_200); // RLIMIT_MSGQUEUE
        (soft[13], hard[13]) = (0, 0); // RLIMIT_NICE
        (soft[14], hard[14]) = (0, 0); // RLIMIT_RTPRIO
    }

    private ResourceLimits(ResourceLimits other)
    {
        other.soft.CopyTo(soft, 0);
        other.hard.CopyTo(hard, 0);
    }

    /// <summary>The soft limit.</summary>
    public ulong Soft(int resource) => soft[resource];

    /// <summary>The hard limit.</summary>
    public ulong Hard(int resource) => hard[resource];

    /// <summary>A copy for a child.</summary>
    public ResourceLimits Copy() => new(this);

    /// <summary>Sets both. 0, −EINVAL or −EPERM (raising the hard limit needs privilege).</summary>
    public long Set(int resource, ulong newSoft, ulong newHard, bool isPrivileged)
    {
        if (newSoft > newHard)
            return -Errno.EINVAL;
        if (newHard > hard[resource] && !isPrivileged)
            return -Errno.EPERM;
        soft[resource] = newSoft;
        hard[resource] = newHard;
        return 0;
    }
}
