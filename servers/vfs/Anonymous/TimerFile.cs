using System.Buffers.Binary;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Sources;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Anonymous;

/// <summary>
/// timerfd_create(2). Whether it has expired follows from the time and two words, which programs map: nobody counts expirations, and an alarm is set only
/// while a request waits.
/// </summary>
public sealed class TimerFile : SourceFile
{
    private readonly IClock clock;
    private readonly IAlarm alarm;
    private readonly bool isWallClock;
    private ulong lookedAt;

    /// <summary>A disarmed timer.</summary>
    public TimerFile(Location location, uint flags, IClock clock, bool isWallClock, Func<Action, IAlarm> createAlarm)
        : base(location, flags, 0)
    {
        this.clock = clock;
        this.isWallClock = isWallClock;
        alarm = createAlarm(Waiters.Wake);
    }

    /// <summary>1: a timer of the wall clock.</summary>
    public override ulong Kind => isWallClock ? 1ul : 0;

    /// <inheritdoc/>
    protected override uint PairAt => TimerPage.Expiry;

    /// <summary>timerfd_settime(2): what was there. EAGAIN: others keep changing it.</summary>
    public Errno Set(ulong given, bool isAbsolute, ulong interval, out (ulong Expiry, ulong Interval) before)
    {
        (ulong Expiry, ulong Interval) found = LookAtPair(out _);
        ulong offset = isWallClock ? (ulong)(clock.Wall - clock.Monotonic) : 0;
        for (int tries = 0; tries < MostTries; tries++)
        {
            ulong now = (ulong)clock.Monotonic, first = TimerPage.First(given, isAbsolute, now, offset);
            before = found;
            if (TryReplacePair(ref found, (first, interval), TimerPage.Edges(found.Expiry, now)))
                return Errno.None;
        }

        before = found;
        return Errno.EAGAIN;
    }

    /// <summary>timerfd_gettime(2).</summary>
    public (ulong Expiry, ulong Interval) Get() => LookAtPair(out _);

    /// <inheritdoc/>
    public override long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        if (buffer.Length < sizeof(ulong))
            return -(long)Errno.EINVAL;
        (ulong Expiry, ulong Interval) found = LookAtPair(out _);
        lookedAt = (ulong)clock.Monotonic;
        for (int tries = 0; tries < MostTries && TimerPage.Expirations(found.Expiry, found.Interval, lookedAt) is > 0 and var count; tries++)
        {
            if (!TryReplacePair(ref found, (TimerPage.After(found.Expiry, found.Interval, count), found.Interval), 1))
                continue;
            BinaryPrimitives.WriteUInt64LittleEndian(buffer, count);
            return sizeof(ulong);
        }

        return -(long)Errno.EAGAIN;
    }

    /// <summary>As on Linux: nothing moves, and it is no error.</summary>
    public override long Seek(OperationContext context, long offset, uint whence) => 0;

    /// <summary>The alarm is set by who joins.</summary>
    public override bool SharesWakeUps => false;

    /// <inheritdoc/>
    public override ushort Poll() => (ushort)(Edges(out _) != 0 ? PollEvents.In : 0);

    /// <inheritdoc/>
    public override uint ChangeNumber(ushort events)
    {
        uint edges = Edges(out uint rises);
        return (events & PollEvents.Readable) != 0 ? unchecked(rises + edges) : 0;
    }

    /// <inheritdoc/>
    protected override void OnWait((ulong First, ulong Second) pair)
    {
        // As of the look that made it wait: what has expired since is in the past, and wakes at once. What had expired then wakes nobody any more, however
        // short the interval is.
        if (pair.First > lookedAt && pair.First <= long.MaxValue)
            alarm.Set((long)pair.First);
    }

    /// <inheritdoc/>
    protected override void OnLastClose()
    {
        alarm.Cancel();
        base.OnLastClose();
    }

    private uint Edges(out uint rises)
    {
        (ulong expiry, _) = LookAtPair(out rises);
        lookedAt = (ulong)clock.Monotonic;
        return TimerPage.Edges(expiry, lookedAt);
    }
}
