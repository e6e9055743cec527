using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Values of <see cref="SignalAction.Handler"/> that are not addresses, and SA_* flags (sigaction(2), numbers of x86-64).</summary>
internal static class SignalHandler
{
#pragma warning disable CS1591 // the constants' own names
    public const ulong Default = 0, Ignore = 1;
    public const ulong SA_NOCLDSTOP = 1, SA_NOCLDWAIT = 2, SA_SIGINFO = 4, SA_RESTORER = 0x04000000, SA_ONSTACK = 0x08000000, SA_RESTART = 0x10000000,
        SA_NODEFER = 0x40000000, SA_RESETHAND = 0x80000000, SA_EXPOSE_TAGBITS = 0x800;
#pragma warning restore CS1591
}

/// <summary>rt_sigaction(2).</summary>
internal static unsafe class SignalActionCalls
{
    // What Linux 6.1 keeps of the flags; it clears unknown bits, so that programs can probe for support (sigaction(2), "Dynamically probing").
    private const ulong KnownFlags = SignalHandler.SA_NOCLDSTOP | SignalHandler.SA_NOCLDWAIT | SignalHandler.SA_SIGINFO | SignalHandler.SA_RESTORER |
        SignalHandler.SA_ONSTACK | SignalHandler.SA_RESTART | SignalHandler.SA_NODEFER | SignalHandler.SA_RESETHAND | SignalHandler.SA_EXPOSE_TAGBITS;

    /// <summary>rt_sigaction(signal, new, old, size of a set).</summary>
    public static long Change(TaskState* task, RegisterFrame* frame)
    {
        uint signal = (uint)frame->Rdi;
        ulong newAddress = frame->Rsi, oldAddress = frame->Rdx;
        if (frame->R10 != 8 || !Signals.IsValid(signal))
            return -Errno.EINVAL;
        SignalAction old;
        System.Runtime.CompilerServices.Unsafe.SkipInit(out SignalAction action);
        if (newAddress != 0 && !UserMemory.CopyIn(&action, newAddress, (ulong)sizeof(SignalAction)))
            return -Errno.EFAULT;
        if (newAddress != 0 && (Signals.Unblockable & Signals.Of(signal)) != 0)
            return -Errno.EINVAL;

        SignalActions* actions = task->Process->Actions;
        SignalAction* kept = SignalActions.Get(actions, signal);
        PersonalityLock.Enter(&actions->Lock);
        old.Handler = kept->Handler;
        old.Flags = kept->Flags;
        old.Restorer = kept->Restorer;
        old.Mask = kept->Mask;
        if (newAddress != 0)
        {
            kept->Handler = action.Handler;
            kept->Flags = action.Flags & KnownFlags;
            kept->Restorer = action.Restorer;
            kept->Mask = action.Mask & ~Signals.Unblockable;
        }
        PersonalityLock.Exit(&actions->Lock);

        if (newAddress != 0)
            Changed(task, signal, action.Handler, action.Flags);
        if (oldAddress != 0 && !UserMemory.CopyOut(oldAddress, &old, (ulong)sizeof(SignalAction)))
            return -Errno.EFAULT;
        return 0;
    }

    /// <summary>At exec: these signals are ignored from the start.</summary>
    public static void Ignore(SignalActions* actions, ulong set)
    {
        set &= ~Signals.Unblockable;
        for (uint signal = Signals.First; set != 0; signal++)
        {
            if ((set & Signals.Of(signal)) != 0)
                SignalActions.Get(actions, signal)->Handler = SignalHandler.Ignore;
            set &= ~Signals.Of(signal);
        }
    }

    /// <summary>Signals whose action is "ignore": what crosses exec.</summary>
    public static ulong Ignored(SignalActions* actions)
    {
        ulong set = 0;
        for (uint signal = Signals.First; signal <= Signals.Last; signal++)
        {
            if (SignalActions.Get(actions, signal)->Handler == SignalHandler.Ignore)
                set |= Signals.Of(signal);
        }
        return set;
    }

    /// <summary>What the process server knows of the action of SIGCHLD.</summary>
    public static ulong ChildPolicy(ProcessState* process) =>
        (ulong)(process->Flags & (ProcessFlags.ChildrenReaped | ProcessFlags.NoStopReports)) / (ulong)ProcessFlags.ChildrenReaped;

    private static void Changed(TaskState* task, uint signal, ulong handler, ulong flags)
    {
        ulong set = Signals.Of(signal);
        // Setting "ignore" drops pending ones, also by default (POSIX sigaction(), signal(7)).
        if (handler == SignalHandler.Ignore || (handler == SignalHandler.Default && (Signals.IgnoredByDefault & set) != 0))
            SignalQueue.Discard(task->Process, set);
        if (signal != Signals.SIGCHLD || !ControlCalls.HasServer(task))
            return;
        ulong policy = handler == SignalHandler.Ignore || (flags & SignalHandler.SA_NOCLDWAIT) != 0 ? 1ul : 0;
        if ((flags & SignalHandler.SA_NOCLDSTOP) != 0)
            policy |= 2;
        Interlocked.MemoryBarrier(); // the action is there before its word is looked at
        if (handler == SignalHandler.Default)
            ChildSignals.Drop(task);
        else
            ChildSignals.Hear(task);
        // The policy is 0 at start and nearly always stays so: the server hears of changes only.
        ProcessState* process = task->Process;
        if (ChildPolicy(process) == policy)
            return;
        process->Flags = (process->Flags & ~(ProcessFlags.ChildrenReaped | ProcessFlags.NoStopReports))
            | (ProcessFlags)(policy * (ulong)ProcessFlags.ChildrenReaped);
        ControlCalls.Call(task, ProcessOperation.ChildPolicy, policy, 0, 0, 0, 0);
    }
}
