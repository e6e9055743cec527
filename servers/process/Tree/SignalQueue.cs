using System.Numerics;
using Libsys.Hosting;

namespace Servers.Processes.Tree;

/// <summary>What a signal tells its receiver, siginfo_t of sigaction(2).</summary>
/// <param name="Signal">Number.</param>
/// <param name="Code">si_code.</param>
/// <param name="SenderPid">si_pid.</param>
/// <param name="SenderUid">si_uid.</param>
/// <param name="Value">si_value, or si_status of SIGCHLD.</param>
/// <param name="UserTime">si_utime of SIGCHLD, nanoseconds.</param>
/// <param name="SystemTime">si_stime of SIGCHLD, nanoseconds.</param>
internal readonly record struct SignalInformation(int Signal, int Code, int SenderPid, uint SenderUid, ulong Value, ulong UserTime = 0, ulong SystemTime = 0);

/// <summary>Signals that wait for a process, signal(7): a standard signal waits once, real-time signals queue up to a limit.</summary>
/// <param name="together">Of all processes.</param>
internal sealed class SignalQueue(Budget together)
{
    private readonly Dictionary<int, Queue<SignalInformation>> queues = [];
    private int count;

    /// <summary>The signals that wait.</summary>
    public ulong Pending { get; private set; }

    /// <summary>True while one more can be queued.</summary>
    public bool HasRoom(ulong limit) => (ulong)count < limit && together.HasRoom(1);

    /// <summary>
    /// Adds one; a limit of <see cref="ulong.MaxValue"/> means in any case. False if the queue is full: then a signal of sigqueue is refused, one of kill is
    /// pending without information.
    /// </summary>
    public bool Add(in SignalInformation information, ulong limit)
    {
        int signal = information.Signal;
        bool waits = (Pending & Signals.Of(signal)) != 0;
        if (waits && signal < Signals.FirstRealTime)
            return true;
        if (limit != ulong.MaxValue && !HasRoom(limit))
        {
            if (information.Code != Signals.SI_USER)
                return false;
            Pending |= Signals.Of(signal);
            return true;
        }

        if (!queues.TryGetValue(signal, out Queue<SignalInformation>? queue))
            queues.Add(signal, queue = new Queue<SignalInformation>());
        queue.Enqueue(information);
        ChangeCount(1);
        Pending |= Signals.Of(signal);
        return true;
    }

    /// <summary>Takes SIGKILL or the lowest-numbered signal of the set, the oldest of its kind. False if none waits.</summary>
    public bool TryTake(ulong set, out SignalInformation information)
    {
        information = default;
        ulong possible = Pending & set;
        if (possible == 0)
            return false;
        // However many handlers the others have, nothing comes before the end.
        if ((possible & Signals.Of(Signals.SIGKILL)) != 0)
            possible = Signals.Of(Signals.SIGKILL);
        int signal = BitOperations.TrailingZeroCount(possible) + 1;
        Queue<SignalInformation>? queue = queues.GetValueOrDefault(signal);
        if (queue is not null && queue.TryDequeue(out information))
            ChangeCount(-1);
        else
            information = new SignalInformation(signal, Signals.SI_USER, 0, 0, 0);
        if (queue is null or { Count: 0 })
            Pending &= ~Signals.Of(signal);
        return true;
    }

    /// <summary>
    /// Puts a signal back that was taken for a caller who has gone. It goes to the end of its kind: order among equals is lost, the signal is not.
    /// </summary>
    public void PutBack(in SignalInformation information) => Add(in information, ulong.MaxValue);

    /// <summary>Drops all of the set.</summary>
    public void Discard(ulong set)
    {
        for (ulong rest = Pending & set; rest != 0; rest &= rest - 1)
        {
            if (queues.Remove(BitOperations.TrailingZeroCount(rest) + 1, out Queue<SignalInformation>? queue))
                ChangeCount(-queue.Count);
        }

        Pending &= ~set;
    }

    private void ChangeCount(int change)
    {
        count += change;
        together.Take(change);
    }
}
