using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>getrusage(2), reboot(2).</summary>
internal static unsafe class UsageCalls
{
    /// <summary>Words of struct rusage: two timevals, then 14 longs.</summary>
    private const int Words = 18;

    /// <summary>getrusage(who, usage).</summary>
    public static long Usage(TaskState* task, ulong who, ulong address)
    {
        const int self = 0, children = -1, thread = 1;
        int whose = (int)(uint)who;
        ulong* words = KernelCalls.MessageWords(task);
        if (whose == thread)
        {
            if (KernelCalls.ThreadUsage() < 0)
                return -Errno.EINVAL;
            return Write(address, words[0], words[1], 0, 0) ? 0 : -Errno.EFAULT;
        }
        if (whose is not (self or children))
            return -Errno.EINVAL;
        long result = ControlCalls.Call(task, ProcessOperation.Usage, (ulong)(long)whose, 0, 0, 0, 0);
        if (result < 0)
            return result;
        return Write(address, words[1], words[2], words[3], words[4]) ? 0 : -Errno.EFAULT;
    }

    /// <summary>Writes a struct rusage: times in nanoseconds, peak in bytes.</summary>
    public static bool Write(ulong address, ulong user, ulong system, ulong peak, ulong minorFaults)
    {
        ulong* usage = stackalloc ulong[Words];
        for (int i = 0; i < Words; i++)
            usage[i] = 0;
        usage[0] = user / TimeSpecification.Second;
        usage[1] = user % TimeSpecification.Second / 1000;
        usage[2] = system / TimeSpecification.Second;
        usage[3] = system % TimeSpecification.Second / 1000;
        usage[4] = peak / 1024;
        usage[8] = minorFaults;
        return UserMemory.CopyOut(address, usage, Words * 8);
    }

    /// <summary>reboot(magic, magic 2, command): reboot(2) lists the four second magic numbers.</summary>
    public static long Reboot(TaskState* task, ulong magic, ulong magic2, ulong command)
    {
        bool valid = (uint)magic == 0xFEE1_DEAD && ((uint)magic2 is 672274793 or 85072278 or 369367448 or 537993216);
        return valid ? ControlCalls.Call(task, ProcessOperation.Reboot, (uint)command, 0, 0, 0, 0) : -Errno.EINVAL;
    }
}
