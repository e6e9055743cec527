using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>wait4(2), waitid(2).</summary>
internal static unsafe class WaitCalls
{
    /// <summary>Words of struct siginfo (128 bytes).</summary>
    private const int InformationWords = 16;

    /// <summary>wait4(pid, status, options, usage).</summary>
    public static long Wait(TaskState* task, ulong pid, ulong statusAddress, ulong options, ulong usageAddress)
    {
        if (((WaitOptions)options & ~WaitOptions.ForWait4) != 0)
            return -Errno.EINVAL;
        if ((int)(uint)pid == int.MinValue)
            return -Errno.ESRCH;
        long result = Ask(task, (int)(uint)pid, (WaitOptions)options | WaitOptions.WEXITED);
        if (result <= 0)
            return result;
        ulong* words = KernelCalls.MessageWords(task);
        ulong status = words[1], user = words[2], system = words[3], peak = words[4];
        if (statusAddress != 0 && !UserMemory.WriteU32(statusAddress, (uint)status))
            return -Errno.EFAULT;
        if (usageAddress != 0 && !UsageCalls.Write(usageAddress, user, system, peak, 0))
            return -Errno.EFAULT;
        return result;
    }

    /// <summary>waitid(kind, id, siginfo, options, usage).</summary>
    public static long WaitId(TaskState* task, ulong kind, ulong id, ulong informationAddress, ulong options, ulong usageAddress)
    {
        const uint P_ALL = 0, P_PID = 1, P_PGID = 2;
        var wanted = (WaitOptions)options;
        if ((wanted & ~WaitOptions.All) != 0 || (wanted & (WaitOptions.WUNTRACED | WaitOptions.WEXITED | WaitOptions.WCONTINUED)) == 0)
            return -Errno.EINVAL;
        int number = (int)(uint)id;
        int selector;
        switch ((uint)kind)
        {
            case P_ALL:
                selector = -1;
                break;
            case P_PID:
                if (number <= 0)
                    return -Errno.EINVAL;
                selector = number;
                break;
            case P_PGID:
                if (number < 0)
                    return -Errno.EINVAL;
                selector = -number;
                break;
            default:
                return -Errno.EINVAL;
        }
        long result = Ask(task, selector, wanted);
        if (result < 0)
            return result;
        ulong* words = KernelCalls.MessageWords(task);
        uint status = (uint)words[1], code = (uint)words[5], uid = (uint)words[6];
        ulong user = words[2], system = words[3], peak = words[4];
        if (result > 0 && usageAddress != 0 && !UsageCalls.Write(usageAddress, user, system, peak, 0))
            return -Errno.EFAULT;
        if (informationAddress == 0)
            return 0;
        // With WNOHANG and no child: si_signo and si_pid are 0, waitid(2).
        ulong* information = stackalloc ulong[InformationWords];
        for (int i = 0; i < InformationWords; i++)
            information[i] = 0;
        if (result > 0)
        {
            information[0] = Signals.SIGCHLD;
            information[1] = code;
            information[2] = (uint)result | (ulong)uid << 32;
            information[3] = ValueOf(status);
        }
        return UserMemory.CopyOut(informationAddress, information, InformationWords * 8) ? 0 : -Errno.EFAULT;
    }

    // Who waits long gives back what it does not need meanwhile.
    private static long Ask(TaskState* task, int selector, WaitOptions options)
    {
        VfsConnection* connection = task->Process->Space->Connection;
        for (;;)
        {
            ulong until = PoolRest.Until(connection, Deadline.Never);
            long result = ControlCalls.CallUntil(task, until, ProcessOperation.Wait, (ulong)(long)selector, (uint)options, out bool isLate);
            if (!isLate)
                return result;
            PoolRest.GiveBack(task, connection);
        }
    }

    /// <summary>si_status from a wait status: exit code or signal.</summary>
    private static uint ValueOf(uint status)
    {
        if (status == 0xFFFF)
            return Signals.SIGCONT;
        return (status & 0xFF) is 0 or 0x7F ? status >> 8 & 0xFF : status & 0x7F;
    }
}
