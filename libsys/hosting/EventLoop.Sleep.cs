using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Hosting;

// Looking for work without a kernel call for a short time, arming doorbells, waking peers, and waiting for bits.
public sealed partial class EventLoop
{
    /// <summary>Wakes peers and looks for doorbells without waiting.</summary>
    private void Poll()
    {
        SignalPeers();
        Collect(0);
    }

    /// <summary>
    /// Looks at the hot sources for a short time while their peers run, or are taken by a CPU that looks for threads. True if work came. A peer that could run
    /// nowhere else gets this CPU instead. To be called while <see cref="SystemClock.MaySpin"/>. What comes by signals (calls of endpoints, interrupts, missing
    /// pages) shows in no memory of this server; the kernel tells everybody that some signal was kept, and then this one's are looked for.
    /// </summary>
    private bool TryPoll()
    {
        if ((toSignal.Count > 0 && !SystemClock.HasSpinningCpu) || !HasPollable())
            return false;
        SignalPeers();
        ulong end = SystemClock.Now + PollNanoseconds;
        do
        {
            for (int looks = 0; looks < LooksAtOnce && SystemClock.MaySpin; looks++)
            {
                if (HasArrived() || (SystemClock.KeptSignals != seenSignals && Collect(0)))
                    return true;
            }
        }
        while (SystemClock.MaySpin && SystemClock.Now < end);
        return false;
    }

    private bool HasArrived()
    {
        for (int index = 0; index < hot.Count; index++)
        {
            if (hot[index].IsAttached && hot[index].HasArrived)
                return true;
        }

        return false;
    }

    private bool HasPollable()
    {
        for (int index = 0; index < hot.Count; index++)
        {
            if (hot[index].IsAttached && hot[index].CanPoll)
                return true;
        }

        return false;
    }

    private void Sleep()
    {
        seenSignals = SystemClock.KeptSignals;
        bool canSleep = posted.Count == 0;
        for (int index = hot.Count - 1; index >= 0; index--)
        {
            EventSource source = hot[index];
            if (source.IsAttached && !source.PrepareSleep())
            {
                canSleep = false;
                continue;
            }

            source.IsHot = false;
            hot.RemoveAt(index);
        }

        ulong deadline = canSleep ? WaitDeadline() : 0;
        if (canSleep && toSignal.Count == 1)
        {
            // The common case of a request and its answer: hand the CPU over to the peer while this server goes to sleep.
            EventSource only = toSignal[0];
            toSignal.Clear();
            KernelStatus status = Notification.SignalAndWait(only.TakePeerSignal(), AllBits, deadline, out ulong bits);
            if (status == KernelStatus.Ok)
                Wake(bits);
            return; // any other status: the peer is gone or the deadline passed; the next round looks again
        }

        SignalPeers();
        Collect(deadline);
    }

    /// <summary>
    /// Sees to it that the next timer ends the wait: by a timer of the notification, which is set only when a deadline comes before the one that it is set for,
    /// and not by the wait's own deadline, which the kernel would arm and disarm at each request.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong WaitDeadline() => timers.NextDeadline >= armedFor ? NotificationHandle.Never : SetTimer(timers.NextDeadline);

    private ulong SetTimer(ulong next)
    {
        if (Notification.SetTimer(1ul << LoopBits.Timer, next) != KernelStatus.Ok)
            return next;
        armedFor = next;
        return NotificationHandle.Never;
    }

    private void SignalPeers()
    {
        for (int index = 0; index < toSignal.Count; index++)
            toSignal[index].TakePeerSignal().Signal(AllBits);
        toSignal.Clear();
    }

    /// <summary>Waits for bits, and makes hot what they are of. False: there were none until the deadline.</summary>
    private bool Collect(ulong deadline)
    {
        seenSignals = SystemClock.KeptSignals;
        lastPoll = SystemClock.Now;
        KernelStatus status = Notification.Wait(deadline, out ulong bits);
        if (status == KernelStatus.Ok)
        {
            Wake(bits);
            return true;
        }

        if (status is not (KernelStatus.TimedOut or KernelStatus.WouldBlock))
            throw new InvalidOperationException("event loop: wait failed: " + status);
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Wake(ulong bits)
    {
        if ((bits & 1ul << LoopBits.Timer) != 0)
            armedFor = NotificationHandle.Never;
        for (; bits != 0; bits &= bits - 1)
        {
            List<EventSource>? sources = sourcesByBit[System.Numerics.BitOperations.TrailingZeroCount(bits)];
            if (sources is null)
                continue; // a timer, or a doorbell of a connection that was closed meanwhile
            for (int index = 0; index < sources.Count; index++)
            {
                EventSource source = sources[index];
                source.Signalled(bits);
                MakeHot(source);
            }
        }
    }
}
