using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.DiskVfs.Disk;

/// <summary>
/// A device that takes its time: transfers end when <see cref="Step"/> is called, in any order, and some fail, by chance or because their blocks are bad. All
/// of it from one seed.
/// </summary>
internal sealed class SlowDisk(int seed)
{
    // From then on an operation waits only where it must, so that it ends.
    private const int MostIdleWaits = 8;

    private readonly Random random = new(seed);
    private readonly List<Action> pending = [];

    // The request that asked last, and after how many gates it fails; 0: it does not.
    private long planned;
    private int failsAfter;

    /// <summary>How often an operation that need not wait does, and how many requests fail somewhere.</summary>
    public double WaitChance { get; set; } = 0.15;

    public double FailChance { get; set; }

    /// <summary>How many transfers to the disk fail. Nobody makes those again: fsync tells, and the bytes are lost with the page.</summary>
    public double WriteFailChance { get; set; }

    /// <summary>So many of the next transfers from the disk fail.</summary>
    public int FailingReads { get; set; }

    /// <summary>No transfer ends at once.</summary>
    public bool Asynchronous { get; set; }

    /// <summary>A transfer of a file's pages that ends at once.</summary>
    public bool IsAtOnce => !Asynchronous && Happens(0.2);

    /// <summary>Memory gets short and time goes by while files are read.</summary>
    public bool Disturbs { get; set; } = true;

    /// <summary>Pages of files by the numbers of their inodes that cannot be read, and that cannot be written.</summary>
    public HashSet<(ulong Inode, long Page)> Unreadable { get; } = [];

    public HashSet<(ulong Inode, long Page)> Unwritable { get; } = [];

    /// <summary>Something was started.</summary>
    public Action? Started { get; set; }

    /// <summary>Pages of files that were read and written.</summary>
    public long PagesRead { get; private set; }

    public long PagesWritten { get; private set; }

    public long Waits { get; private set; }

    public long Failures { get; private set; }

    /// <summary>Tickets of requests that were cancelled or whose client went while they waited.</summary>
    public long Abandoned { get; private set; }

    public int Pending => pending.Count;

    /// <summary>Starts a transfer.</summary>
    public void Start(Action completed)
    {
        pending.Add(completed);
        Started?.Invoke();
    }

    /// <summary>Ends one transfer; false if there was none.</summary>
    public bool Step()
    {
        if (pending.Count == 0)
            return false;
        int index = random.Next(pending.Count);
        Action completed = pending[index];
        pending.RemoveAt(index);
        completed();
        return true;
    }

    /// <summary>True with a chance.</summary>
    public bool Happens(double chance) => random.NextDouble() < chance;

    /// <summary>A transfer that will fail.</summary>
    public bool Fails()
    {
        bool fails = Happens(FailChance / 20);
        if (fails)
            Failures++;
        return fails;
    }

    /// <summary>A transfer of a file's pages from the disk that will fail.</summary>
    public bool FailsToRead(ulong inode, long page, int count)
    {
        PagesRead += count;
        if (Holds(Unreadable, inode, page, count))
            return true;
        if (FailingReads == 0)
            return Fails();
        FailingReads--;
        return true;
    }

    /// <summary>A transfer to the disk that will fail.</summary>
    public bool WriteFails(ulong inode, long page, int count)
    {
        PagesWritten += count;
        return Holds(Unwritable, inode, page, count) || (WriteFailChance > 0 && Happens(WriteFailChance));
    }

    /// <summary>A place in an operation, before its effect, where it may have to wait, and may fail.</summary>
    public Errno Gate(OperationContext context)
    {
        if (context.State is Ticket ticket)
        {
            if (!ticket.IsDone)
                return Wait(context, ticket.Queue);
            context.State = null;
        }
        else if (context.Tries <= MostIdleWaits && Happens(WaitChance))
        {
            var started = new Ticket(this);
            Start(started.Complete);
            context.State ??= started;
            return Wait(context, started.Queue);
        }

        if (context.Serial != planned)
        {
            planned = context.Serial;
            failsAfter = Happens(FailChance) ? random.Next(1, 12) : 0;
        }

        if (failsAfter == 0 || --failsAfter > 0)
            return Errno.None;
        Failures++;
        return Errno.EIO;
    }

    /// <summary>Waits for something of this disk.</summary>
    public Errno Wait(OperationContext context, WaitQueue queue)
    {
        Waits++;
        return context.WaitOn(queue);
    }

    private static bool Holds(HashSet<(ulong Inode, long Page)> bad, ulong inode, long page, int count)
    {
        for (int number = 0; bad.Count > 0 && number < count; number++)
        {
            if (bad.Contains((inode, page + number)))
                return true;
        }

        return false;
    }

    /// <summary>A transfer for one request.</summary>
    private sealed class Ticket(SlowDisk disk) : IRequestState
    {
        public WaitQueue Queue { get; } = new();

        public bool IsDone { get; private set; }

        public void Complete()
        {
            IsDone = true;
            Queue.Wake();
        }

        void IRequestState.Abandon(OperationContext request)
        {
            if (!IsDone)
                disk.Abandoned++;
        }
    }
}
