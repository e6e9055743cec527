using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Waits for readiness: one request to each server that has something of the set, which the deadline or a signal ends by cancelling it.</summary>
internal static unsafe class PollWait
{
    /// <summary>
    /// Fills Returned of all entries. The number of entries with something found, 0 when the deadline passed, −EINTR after a signal, or another −errno.
    /// A deadline of 0 does not wait.
    /// </summary>
    public static long Wait(TaskState* task, PollSet* set, ulong deadline)
    {
        if (set->Count == 0)
            return Sleep(deadline);
        if (set->Count > PollSet.Limit)
            return -Errno.ENOMEM;
        if (set->Sources == 0)
            return WaitAtServers(task, set, deadline);
        return set->Signals != 0 ? SignalPoll.Wait(task, set, deadline) : WaitWithMemory(task, set, deadline);
    }

    /// <summary>The same for a set that has something in memory, and no signalfd.</summary>
    public static long WaitWithMemory(TaskState* task, PollSet* set, ulong deadline)
    {
        if (MemoryPoll.TryAnswer(task, set, deadline, out long found))
            return found;
        long result = WaitAtServers(task, set, deadline);
        if (result <= 0)
            PollSet.Clear(set);
        else
            MemoryPoll.Count(task, set);
        return result;
    }

    private static long WaitAtServers(TaskState* task, PollSet* set, ulong deadline)
    {
        if (set->Servers != 1)
            return WaitElsewhere(task, set, deadline);
        VfsRequest request;
        long result = ServerPoll.Prepare(task, set, 0, deadline, RequestJoin.Alone, &request);
        return result < 0 ? result : Finish(task, set, &request);
    }

    /// <summary>Not at vfs alone.</summary>
    private static long WaitElsewhere(TaskState* task, PollSet* set, ulong deadline)
    {
        for (;;)
        {
            long result;
            bool isOver = true;
            if ((set->Servers & (set->Servers - 1)) != 0)
                result = JoinedPoll.Wait(task, set, deadline, out isOver);
            else
            {
                VfsRequest request;
                uint server = (uint)System.Numerics.BitOperations.TrailingZeroCount(set->Servers);
                result = ServerPoll.Prepare(task, set, server, deadline, RequestJoin.Alone, &request);
                result = result == -Errno.EIO || result == -Errno.ENXIO
                    ? ServerPoll.Finish(task, set, &request, result)
                    : result < 0 ? result : Finish(task, set, &request);
            }
            bool isUnknown = result == -Errno.ESTALE && set->IsShown == 0;
            if (isUnknown)
                result = ServerPoll.Show(task, set); // inherited by fork or exec, and not used yet
            if (result != 0 || (isOver && !isUnknown))
                return result;
        }
    }

    private static long Finish(TaskState* task, PollSet* set, VfsRequest* request)
    {
        long result = ServerPoll.Finish(task, set, request, VfsClient.Call(task, request));
        return result == -Errno.EINTR && request->Ending == VfsEnding.TimedOut ? 0 : result;
    }

    /// <summary>Milliseconds as poll takes them: negative is for ever.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FromMilliseconds(int milliseconds) =>
        milliseconds < 0 ? Deadline.Never : milliseconds == 0 ? Deadline.Poll : Clock.After((ulong)milliseconds * 1_000_000);

    /// <summary>Nanoseconds from now as a deadline; zero does not wait.</summary>
    public static ulong FromNanoseconds(ulong nanoseconds) => nanoseconds == 0 ? Deadline.Poll : Clock.After(nanoseconds);

    /// <summary>Puts the mask of ppoll and its like in place. 0 or −errno; <see cref="LeaveMask"/> follows.</summary>
    public static long EnterMask(TaskState* task, ulong mask, ulong size)
    {
        if (mask == 0)
            return 0;
        if (size != 8)
            return -Errno.EINVAL;
        if (!UserMemory.ReadU64(mask, out ulong set))
            return -Errno.EFAULT;
        SignalMaskCalls.SetTemporary(task, set);
        return 0;
    }

    /// <summary>Puts the old mask back, unless a signal ended the call: then its handler still runs under the new one, and the way out restores.</summary>
    public static long LeaveMask(TaskState* task, long result)
    {
        if (task->HasSavedMask != 0 && !Errno.IsRestart(result))
        {
            task->HasSavedMask = 0;
            SignalMaskCalls.Set(task, task->SavedMask);
        }
        return result;
    }

    /// <summary>Waits for nothing but the deadline (0) or a signal (−EINTR).</summary>
    public static long Sleep(ulong deadline)
    {
        uint word = 0;
        if (deadline == Deadline.Poll)
            return 0;
        for (;;)
        {
            long status = KernelCalls.WordWait(&word, 0, deadline, WaitFlags.None);
            if (status == (long)KernelStatus.TimedOut)
                return 0;
            if (status == (long)KernelStatus.Interrupted)
                return -Errno.EINTR;
        }
    }
}
