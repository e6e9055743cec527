using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>prctl(2).</summary>
internal static unsafe class ProcessControlCall
{
    private const uint PR_SET_PDEATHSIG = 1, PR_GET_PDEATHSIG = 2, PR_GET_DUMPABLE = 3, PR_SET_DUMPABLE = 4, PR_GET_KEEPCAPS = 7, PR_SET_KEEPCAPS = 8,
        PR_GET_TIMING = 13,
        PR_SET_NAME = 15, PR_GET_NAME = 16, PR_CAPBSET_READ = 23, PR_SET_TIMERSLACK = 29, PR_GET_TIMERSLACK = 30, PR_SET_CHILD_SUBREAPER = 36,
        PR_GET_CHILD_SUBREAPER = 37, PR_SET_NO_NEW_PRIVS = 38, PR_GET_NO_NEW_PRIVS = 39, PR_GET_TID_ADDRESS = 40, PR_CAP_AMBIENT = 47, PR_SET_VMA = 0x53564d41;

    private const ulong LastCapability = 40;

    // Nanoseconds; the default of ordinary threads.
    private const long TimerSlack = 50_000;

    /// <summary>prctl(option, ...).</summary>
    public static long Call(TaskState* task, RegisterFrame* frame)
    {
        switch ((uint)frame->Rdi)
        {
            case PR_SET_NAME:
                return SetName(task, frame->Rsi);
            case PR_GET_NAME:
                return UserMemory.WriteU64(frame->Rsi, task->NameLow) && UserMemory.WriteU64(frame->Rsi + 8, task->NameHigh) ? 0 : -Errno.EFAULT;
            case PR_SET_PDEATHSIG:
                return frame->Rsi > Signals.Last ? -Errno.EINVAL : Server(task, frame);
            case PR_SET_DUMPABLE:
                return frame->Rsi > 1 ? -Errno.EINVAL : Server(task, frame);
            case PR_GET_DUMPABLE:
            case PR_SET_CHILD_SUBREAPER:
                return Server(task, frame);
            case PR_SET_NO_NEW_PRIVS:
                return frame->Rsi != 1 || frame->Rdx != 0 || frame->R10 != 0 || frame->R8 != 0 ? -Errno.EINVAL : Server(task, frame);
            case PR_GET_NO_NEW_PRIVS:
                return frame->Rsi != 0 || frame->Rdx != 0 || frame->R10 != 0 || frame->R8 != 0 ? -Errno.EINVAL : Server(task, frame);
            case PR_GET_PDEATHSIG:
            case PR_GET_CHILD_SUBREAPER:
                long value = Server(task, frame);
                return value < 0 ? value : UserMemory.WriteU32(frame->Rsi, (uint)value) ? 0 : -Errno.EFAULT;
            case PR_CAPBSET_READ:
                return frame->Rsi <= LastCapability ? 1 : -Errno.EINVAL;
            case PR_CAP_AMBIENT:
                return Ambient(frame);
            case PR_GET_KEEPCAPS:
            case PR_GET_TIMING:
                return 0;
            case PR_SET_TIMERSLACK:
                return 0;
            case PR_GET_TIMERSLACK:
                return TimerSlack;
            case PR_GET_TID_ADDRESS:
                return UserMemory.WriteU64(frame->Rsi, task->ClearChildTid) ? 0 : -Errno.EFAULT;
            default:
                return -Errno.EINVAL;
        }
    }

    // Ambient capabilities must be inheritable, and no process has inheritable ones: the set is empty, can be emptied, and cannot be added to.
    private static long Ambient(RegisterFrame* frame)
    {
        const ulong IsSet = 1, Raise = 2, Lower = 3, ClearAll = 4;
        bool rest = frame->R10 != 0 || frame->R8 != 0;
        if (frame->Rsi == ClearAll)
            return rest || frame->Rdx != 0 ? -Errno.EINVAL : 0;
        if (rest || frame->Rdx > LastCapability)
            return -Errno.EINVAL;
        return frame->Rsi switch
        {
            IsSet or Lower => 0,
            Raise => -Errno.EPERM,
            _ => -Errno.EINVAL,
        };
    }

    private static long SetName(TaskState* task, ulong address)
    {
        ulong* name = stackalloc ulong[2];
        name[0] = name[1] = 0;
        long length = UserMemory.CopyString((byte*)name, address, 15);
        if (length == -Errno.EFAULT)
            return length;
        // Longer names are cut; the copy stopped after 15 bytes.
        ((byte*)name)[15] = 0;
        task->NameLow = name[0];
        task->NameHigh = name[1];
        if (task->ThreadId == task->Process->ProcessId && ControlCalls.HasServer(task))
            ControlCalls.Call(task, ProcessOperation.SetName, name[0], name[1], 0, 0, 0);
        return 0;
    }

    // Attributes of the process that others look at live with the process server; a server has nobody who looks.
    private static long Server(TaskState* task, RegisterFrame* frame) => ControlCalls.HasServer(task)
        ? ControlCalls.Call(task, ProcessOperation.ProcessControl, (uint)frame->Rdi, frame->Rsi, 0, 0, 0)
        : -Errno.EINVAL;
}
