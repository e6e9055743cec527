using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// From Linux call number to handler: one switch, which the compiler turns into a jump table. A handler takes (task, frame), reads its arguments from
/// rdi, rsi, rdx, r10, r8, r9 of the frame, and returns the result or a negated <see cref="Errno"/>. What is not local goes on to <see cref="FileCalls"/>.
/// </summary>
internal static unsafe class Dispatch
{
    /// <summary>Runs one call.</summary>
    public static long Call(TaskState* task, RegisterFrame* frame)
    {
        ulong number = frame->Rax;
        if (number > uint.MaxValue)
            return -Errno.ENOSYS;
        return FileCalls.Call(task, frame, (uint)number);
    }
}
