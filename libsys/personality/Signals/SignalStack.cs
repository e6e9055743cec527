using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>sigaltstack(2).</summary>
internal static unsafe class SignalStack
{
    /// <summary>SS_ONSTACK.</summary>
    public const uint OnStack = 1;
    /// <summary>SS_DISABLE.</summary>
    public const uint Disabled = 2;
    /// <summary>SS_AUTODISARM.</summary>
    public const uint AutoDisarm = 0x8000_0000;

    // MINSIGSTKSZ of x86-64: smaller stacks are ENOMEM.
    private const ulong Smallest = 2048;

    /// <summary>struct stack_t in words: base, flags, length.</summary>
    public static long Change(TaskState* task, RegisterFrame* frame)
    {
        ulong newAddress = frame->Rdi, oldAddress = frame->Rsi;
        ulong* given = stackalloc ulong[3];
        if (newAddress != 0 && !UserMemory.CopyIn(given, newAddress, 24))
            return -Errno.EFAULT;
        ulong* old = stackalloc ulong[3];
        old[0] = task->AlternateStack;
        old[1] = FlagsFor(task, frame->Rsp);
        old[2] = task->AlternateStackLength;
        if (newAddress != 0)
        {
            long result = Set(task, frame->Rsp, given[0], (uint)given[1], given[2]);
            if (result < 0)
                return result;
        }
        return oldAddress == 0 || UserMemory.CopyOut(oldAddress, old, 24) ? 0 : -Errno.EFAULT;
    }

    /// <summary>Sets the stack. Returns 0, -EPERM while running on it, -EINVAL or -ENOMEM.</summary>
    public static long Set(TaskState* task, ulong stackPointer, ulong start, uint flags, ulong length)
    {
        if (IsOn(task, stackPointer))
            return -Errno.EPERM;
        uint mode = flags & ~AutoDisarm;
        if (mode != 0 && mode != OnStack && mode != Disabled)
            return -Errno.EINVAL;
        if (mode == Disabled)
        {
            start = 0;
            length = 0;
        }
        else if (length < Smallest)
        {
            return -Errno.ENOMEM;
        }
        task->AlternateStack = start;
        task->AlternateStackLength = length;
        task->AlternateStackFlags = flags;
        return 0;
    }

    /// <summary>True if a stack pointer lies on the alternate stack. With SS_AUTODISARM that is never told.</summary>
    public static bool IsOn(TaskState* task, ulong stackPointer) =>
        (task->AlternateStackFlags & AutoDisarm) == 0 && stackPointer - 1 - task->AlternateStack < task->AlternateStackLength
        && stackPointer > task->AlternateStack;

    /// <summary>ss_flags as sigaltstack reports them.</summary>
    public static uint FlagsFor(TaskState* task, ulong stackPointer) =>
        task->AlternateStackLength == 0 ? Disabled : (IsOn(task, stackPointer) ? OnStack : 0) | (task->AlternateStackFlags & AutoDisarm);
}
