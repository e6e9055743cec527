using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Masks and waits: rt_sigprocmask, rt_sigpending, rt_sigsuspend, rt_sigtimedwait, pause.</summary>
internal static unsafe class SignalMaskCalls
{
    /// <summary>rt_sigprocmask(how, new, old, size).</summary>
    public static long Change(TaskState* task, RegisterFrame* frame)
    {
        const uint Block = 0, Unblock = 1, SetMask = 2;
        if (frame->R10 != 8)
            return -Errno.EINVAL;
        ulong old = task->SignalMask;
        if (frame->Rsi != 0)
        {
            if (!UserMemory.ReadU64(frame->Rsi, out ulong given))
                return -Errno.EFAULT;
            ulong mask;
            switch ((uint)frame->Rdi)
            {
                case Block: mask = old | given; break;
                case Unblock: mask = old & ~given; break;
                case SetMask: mask = given; break;
                default: return -Errno.EINVAL;
            }
            Set(task, mask);
        }
        return frame->Rdx == 0 || UserMemory.WriteU64(frame->Rdx, old) ? 0 : -Errno.EFAULT;
    }

    /// <summary>Replaces the mask; signals that become unblocked are delivered on the way out.</summary>
    public static void Set(TaskState* task, ulong mask)
    {
        ulong old = task->SignalMask;
        task->SignalMask = mask & ~Signals.Unblockable;
        ChildSignals.MaskChanges(task, old, mask);
        if ((old & ~mask) != 0)
            SignalDelivery.Recheck(task);
    }

    /// <summary>rt_sigpending(set, size).</summary>
    public static long Pending(TaskState* task, RegisterFrame* frame)
    {
        if (frame->Rsi > 8)
            return -Errno.EINVAL;
        ulong pending = task->PendingSignals | task->Process->PendingSignals;
        if (ControlCalls.HasServer(task))
        {
            // An empty mask takes nothing and tells what waits.
            if (ControlCalls.Call(task, ProcessOperation.TakeSignal, 0, 0, 0, 0, 0) >= 0)
                SignalDelivery.NoteServer(task, KernelCalls.MessageWords(task)[1]);
            pending |= task->Process->ServerPending;
        }
        pending &= task->SignalMask;
        return UserMemory.CopyOut(frame->Rdi, &pending, frame->Rsi) ? 0 : -Errno.EFAULT;
    }

    /// <summary>rt_sigsuspend(set, size): always -EINTR in the end.</summary>
    public static long Suspend(TaskState* task, RegisterFrame* frame)
    {
        if (frame->Rsi != 8)
            return -Errno.EINVAL;
        if (!UserMemory.ReadU64(frame->Rdi, out ulong mask))
            return -Errno.EFAULT;
        SetTemporary(task, mask);
        return Pause(task, frame);
    }

    /// <summary>Replaces the mask until the call ends; the handler that ends it still runs under it (ppoll and the like too).</summary>
    public static void SetTemporary(TaskState* task, ulong mask)
    {
        task->SavedMask = task->SignalMask;
        task->HasSavedMask = 1;
        Set(task, mask);
    }

    /// <summary>pause().</summary>
    public static long Pause(TaskState* task, RegisterFrame* frame)
    {
        uint word = 0;
        while (KernelCalls.WordWait(&word, 0, Deadline.Never, WaitFlags.None) != (long)KernelStatus.Interrupted)
        {
        }
        return -Errno.RestartNoHandler;
    }

    /// <summary>rt_sigtimedwait(set, siginfo, timeout, size).</summary>
    public static long TimedWait(TaskState* task, RegisterFrame* frame)
    {
        if (frame->R10 != 8)
            return -Errno.EINVAL;
        if (!UserMemory.ReadU64(frame->Rdi, out ulong set))
            return -Errno.EFAULT;
        set &= ~Signals.Unblockable;
        if ((set & Signals.Of(Signals.SIGCHLD)) != 0)
            ChildSignals.Want(task);
        ulong deadline = Deadline.Never;
        if (frame->Rdx != 0)
        {
            long result = TimeSpecification.Read(frame->Rdx, out ulong timeout);
            if (result < 0)
                return result;
            deadline = Clock.After(timeout);
        }

        SignalEntry information;
        uint signal = WaitFor(task, set, deadline, &information, out long error);
        if (signal == 0)
            return error;
        if (frame->Rsi != 0)
        {
            ulong* siginfo = stackalloc ulong[SignalFrame.InformationWords];
            SignalFrame.FillInformation(siginfo, &information);
            if (!UserMemory.CopyOut(frame->Rsi, siginfo, SignalFrame.InformationWords * 8))
                return -Errno.EFAULT;
        }
        return signal;
    }

    // True if a signal waits that is not blocked. What the server is said to have may have been taken by another thread: asked again.
    private static bool Others(TaskState* task)
    {
        ProcessState* process = task->Process;
        if (((task->PendingSignals | process->PendingSignals) & ~task->SignalMask) != 0)
            return true;
        if ((process->ServerPending & ~task->SignalMask) == 0)
            return false;
        SignalDelivery.AskServer(task);
        return (process->ServerPending & ~task->SignalMask) != 0;
    }

    private static uint WaitFor(TaskState* task, ulong set, ulong deadline, SignalEntry* information, out long error)
    {
        ThreadBlock* block = TaskState.BlockOf(task);
        error = -Errno.EAGAIN;
        task->WaitedSignals = set;
        task->Waiting = 1;
        Interlocked.MemoryBarrier();
        uint signal;
        uint word = 0;
        while (true)
        {
            uint wasPending = Interlocked.Exchange(ref block->Pending, 0);
            signal = SignalDelivery.Take(task, set, (wasPending & ThreadBlock.PendingForGroup) != 0, information);
            if (signal != 0)
                break;
            // Another signal, one that has a handler or ends the process, ends the wait.
            if (SignalDelivery.MustStop(task) || Others(task))
            {
                SignalDelivery.Flag(block);
                error = -Errno.EINTR;
                break;
            }
            long status = KernelCalls.WordWait(&word, 0, deadline, WaitFlags.None);
            if (status == (long)KernelStatus.TimedOut)
                break;
        }
        task->Waiting = 0;
        return signal;
    }
}
