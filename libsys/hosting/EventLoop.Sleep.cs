using Libsys.Abi;

namespace Libsys.Hosting;

// Looking for work without a kernel call for a short time, arming doorbells, waking peers, and waiting for bits.
public sealed partial class EventLoop
{
    // In a list of references each store would look whether the list's array may hold an object of that class: 70 instructions, some times a request.
    private readonly record struct Entry(EventSource Source);

    /// <summary>Wakes peers and looks for doorbells without waiting.</summary>
    private void Poll()
    {
        SignalPeers();
        Collect(0);
    }

    /// <summary>Looks at the hot sources for a short time while another CPU is free for their peers. True if work came.</summary>
    private bool TryPoll()
    {
        if (!HasFreeCpu || !HasPollable())
            return false;
        SignalPeers();
        ulong end = SystemClock.Now + PollNanoseconds;
        do
        {
            for (int index = 0; index < hot.Count; index++)
            {
                EventSource source = hot[index].Source;
                if (source.IsAttached && source.CanPoll && source.Turn())
                    return true;
            }

            Thread.SpinWait(8);
        }
        while (SystemClock.Now < end);
        return false;
    }

    private bool HasPollable()
    {
        foreach (Entry entry in hot)
        {
            if (entry.Source.IsAttached && entry.Source.CanPoll)
                return true;
        }

        return false;
    }

    private void Sleep()
    {
        bool canSleep = posted.Count == 0;
        for (int index = hot.Count - 1; index >= 0; index--)
        {
            EventSource source = hot[index].Source;
            if (source.IsAttached && !source.PrepareSleep())
            {
                canSleep = false;
                continue;
            }

            source.IsHot = false;
            int last = hot.Count - 1;
            if (index != last)
                hot[index] = hot[last];
            hot.RemoveAt(last);
        }

        if (canSleep && toSignal is [var only])
        {
            // The common case of a request and its answer: hand the CPU over to the peer while this server goes to sleep.
            toSignal.Clear();
            KernelStatus status = Notification.SignalAndWait(only.Source.TakePeerSignal(), AllBits, timers.NextDeadline, out ulong bits);
            if (status == KernelStatus.Ok)
                Wake(bits);
            return; // any other status: the peer is gone or the deadline passed; the next round looks again
        }

        SignalPeers();
        Collect(canSleep ? timers.NextDeadline : 0);
    }

    private void SignalPeers()
    {
        foreach (Entry entry in toSignal)
            entry.Source.TakePeerSignal().Signal(AllBits);
        toSignal.Clear();
    }

    private void Collect(ulong deadline)
    {
        lastPoll = SystemClock.Now;
        KernelStatus status = Notification.Wait(deadline, out ulong bits);
        if (status == KernelStatus.Ok)
            Wake(bits);
        else if (status is not (KernelStatus.TimedOut or KernelStatus.WouldBlock))
            throw new InvalidOperationException("event loop: wait failed: " + status);
    }

    private void Wake(ulong bits)
    {
        for (; bits != 0; bits &= bits - 1)
        {
            List<EventSource>? sources = sourcesByBit[System.Numerics.BitOperations.TrailingZeroCount(bits)];
            if (sources is null)
                continue; // a doorbell of a connection that was closed meanwhile
            foreach (EventSource source in sources)
            {
                source.Signalled(bits);
                MakeHot(source);
            }
        }
    }
}
