using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>futex(2) over the kernel's word waits. Priority-inheriting operations are ENOSYS: no lock of the kernel knows an owner.</summary>
internal static unsafe class FutexCalls
{
    private const uint Wait = 0, Wake = 1, Requeue = 3, CompareRequeue = 4, WakeOperation = 5, WaitBitset = 9, WakeBitset = 10, Private = 128,
        RealtimeClock = 256;

    /// <summary>futex(address, operation, value, timeout or value2, address2, value3). First what locks do that are not contended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Call(TaskState* task, RegisterFrame* frame) =>
        (uint)frame->Rsi == (Wake | Private) && Check(frame->Rdi) == 0 && FutexWaiters.AreNone(task, frame->Rdi) ? 0 : CallOther(task, frame);

    private static long CallOther(TaskState* task, RegisterFrame* frame)
    {
        ulong address = frame->Rdi;
        uint operation = (uint)frame->Rsi & ~(Private | RealtimeClock);
        bool isPrivate = ((uint)frame->Rsi & Private) != 0;
        bool realtime = ((uint)frame->Rsi & RealtimeClock) != 0;
        uint value = (uint)frame->Rdx, value3 = (uint)frame->R9;
        if (realtime && operation != WaitBitset && operation != Wait)
            return -Errno.ENOSYS;
        switch (operation)
        {
            case Wait:
            case WaitBitset:
            {
                ulong deadline = Deadline.Never;
                if (frame->R10 != 0)
                {
                    long result = ReadDeadline(frame->R10, operation == WaitBitset, realtime, out deadline);
                    if (result < 0)
                        return result;
                }
                return WaitUntil(task, address, value, deadline, operation == Wait ? uint.MaxValue : value3, operation == Wait && frame->R10 != 0);
            }
            case Wake:
                return WakeSome(task, address, value, uint.MaxValue, isPrivate);
            case WakeBitset:
                return WakeSome(task, address, value, value3, isPrivate);
            case Requeue:
                return Move(task, address, value, frame->R8, (uint)frame->R10, 0, false, isPrivate);
            case CompareRequeue:
                return Move(task, address, value, frame->R8, (uint)frame->R10, value3, true, isPrivate);
            case WakeOperation:
                return WakeAndChange(address, value, frame->R8, (uint)frame->R10, value3);
            default:
                return -Errno.ENOSYS;
        }
    }

    /// <summary>restart_syscall of a wait with a relative time-out.</summary>
    public static long Continue(TaskState* task) =>
        WaitUntil(task, task->RestartArgument0, (uint)task->RestartArgument1, task->RestartDeadline, (uint)task->RestartArgument2, true);

    private static long WaitUntil(TaskState* task, ulong address, uint value, ulong deadline, uint bitset, bool relative)
    {
        long error = Check(address);
        if (error != 0)
            return error;
        if (bitset == 0)
            return -Errno.EINVAL;
        long status;
        FutexWaiters.Enter(task, address);
        do
            status = KernelCalls.WordWait(address, value, deadline, WaitFlags.None, bitset);
        while (status == (long)KernelStatus.Fault && BringsIn(address));
        FutexWaiters.Leave(task, address);
        switch ((KernelStatus)status)
        {
            case KernelStatus.Ok:
                return 0;
            case KernelStatus.WouldBlock:
                return -Errno.EAGAIN;
            case KernelStatus.TimedOut:
                return -Errno.ETIMEDOUT;
            case KernelStatus.Interrupted:
                if (!relative)
                    return -Errno.RestartSystemCall;
                // The time already waited counts: continue towards the same deadline.
                task->RestartKind = (uint)RestartKind.Futex;
                task->RestartDeadline = deadline;
                task->RestartArgument0 = address;
                task->RestartArgument1 = value;
                task->RestartArgument2 = bitset;
                return -Errno.RestartBlock;
            case KernelStatus.NoMemory:
                return -Errno.ENOMEM;
            default:
                return -Errno.EFAULT;
        }
    }

    private static long WakeSome(TaskState* task, ulong address, uint count, uint bitset, bool isPrivate)
    {
        long error = Check(address);
        if (error != 0)
            return error;
        if (bitset == 0)
            return -Errno.EINVAL;
        if (isPrivate && FutexWaiters.AreNone(task, address))
            return 0;
        long woken = KernelCalls.WordWake(address, AtLeastOne(count), bitset);
        // Linux does not touch the page of a private futex here; nobody waits where nothing is mapped.
        return woken < 0 ? woken == (long)KernelStatus.Fault && !isPrivate ? -Errno.EFAULT : 0 : woken;
    }

    private static long Move(TaskState* task, ulong address, uint wake, ulong target, uint requeue, uint expected, bool compare, bool isPrivate)
    {
        long error = Check(address);
        if (error == 0)
            error = Check(target);
        if (error != 0)
            return error;
        if ((int)wake < 0 || (int)requeue < 0)
            return -Errno.EINVAL;
        if (requeue != 0)
            FutexWaiters.Move(task, target);
        long result = KernelCalls.WordRequeue(address, wake, target, requeue, expected, compare);
        if (result == (long)KernelStatus.Fault && compare && BringsIn(address))
            result = KernelCalls.WordRequeue(address, wake, target, requeue, expected, compare);
        if (result >= 0)
            return result;
        if (result == (long)KernelStatus.WouldBlock)
            return -Errno.EAGAIN;
        if (!isPrivate)
            return -Errno.EFAULT;
        // One of the words is not mapped. Linux looks at the first only to compare, and at the second never: nobody is moved there, but some are woken.
        if (compare)
        {
            if (!UserMemory.ReadU32(address, out uint found))
                return -Errno.EFAULT;
            if (found != expected)
                return -Errno.EAGAIN;
        }
        return wake == 0 ? 0 : WakeSome(task, address, wake, uint.MaxValue, isPrivate);
    }

    // futex(2), FUTEX_WAKE_OP: changes the second word atomically, wakes at the first, and at the second if its old value compares.
    private static long WakeAndChange(ulong address, uint wake, ulong second, uint wakeSecond, uint encoded)
    {
        long error = Check(address);
        if (error == 0)
            error = Check(second);
        if (error != 0)
            return error;
        uint operation = encoded >> 28 & 7, comparison = encoded >> 24 & 15;
        // Both arguments are signed, 12 bits.
        int argument = (int)(encoded << 8) >> 20, compared = (int)(encoded << 20) >> 20;
        if ((encoded & 0x8000_0000) != 0)
            argument = 1 << (argument & 31);
        if (operation > 4 || comparison > 5)
            return -Errno.ENOSYS;

        if (!UserMemory.ReadU32(second, out uint old))
            return -Errno.EFAULT;
        while (true)
        {
            if (!UserMemory.CompareExchange(second, old, Change(operation, old, (uint)argument), out uint found))
                return -Errno.EFAULT;
            if (found == old)
                break;
            old = found;
        }
        long woken = KernelCalls.WordWake(address, AtLeastOne(wake), 0);
        if (woken < 0)
            woken = 0;
        if (Compares(comparison, (int)old, compared))
        {
            long more = KernelCalls.WordWake(second, AtLeastOne(wakeSecond), 0);
            woken += more > 0 ? more : 0;
        }
        return woken;
    }

    private static uint Change(uint operation, uint old, uint argument) => operation switch
    {
        0 => argument,
        1 => old + argument,
        2 => old | argument,
        3 => old & ~argument,
        _ => old ^ argument,
    };

    private static bool Compares(uint comparison, int old, int value) => comparison switch
    {
        0 => old == value,
        1 => old != value,
        2 => old < value,
        3 => old <= value,
        4 => old > value,
        _ => old >= value,
    };

    // Linux wakes one waiter when asked for none or for a negative number.
    private static uint AtLeastOne(uint count) => (int)count < 1 ? 1 : count;

    // The kernel asks no pager when it looks at a word: the page of a file that is not there is touched first, which asks. False: it cannot be read.
    private static bool BringsIn(ulong address) => UserMemory.ReadU32(address, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Check(ulong address) => (address & 3) != 0 ? -Errno.EINVAL : UserMemory.IsUser(address, 4) ? 0 : -Errno.EFAULT;

    private static long ReadDeadline(ulong address, bool absolute, bool realtime, out ulong deadline)
    {
        long result = TimeSpecification.Read(address, out deadline);
        if (result < 0)
            return result;
        if (!absolute)
            deadline = Clock.After(deadline);
        else if (realtime)
            deadline = deadline > Clock.Page->WallOffset ? deadline - Clock.Page->WallOffset : 0;
        // 0 would be a poll, and reach the kernel as "do not wait": the same.
        return 0;
    }
}
