using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Ids and limits of a server, which has no process server above it: fixed answers about itself.</summary>
internal static unsafe class ServerCalls
{
    // RLIMIT_*, getrlimit(2).
    private const uint Stack = 3, OpenFiles = 7, Limits = 16;

    // A server opens no files, but its runtime sizes tables by this.
    private const ulong OpenFileLimit = 1024;

    /// <summary>prlimit64(process, resource, new, old); servers cannot change what their account and the supervisor set.</summary>
    public static long ResourceLimit(TaskState* task, ulong process, uint resource, ulong newAddress, ulong oldAddress)
    {
        if (process != 0 && process != task->Process->ProcessId)
            return -Errno.ESRCH;
        if (resource >= Limits)
            return -Errno.EINVAL;
        if (newAddress != 0)
            return -Errno.EPERM;
        ulong value = resource == Stack ? ProgramStack.GrowthLimit : resource == OpenFiles ? OpenFileLimit : ulong.MaxValue;
        return oldAddress == 0 || (UserMemory.WriteU64(oldAddress, value) && UserMemory.WriteU64(oldAddress + 8, value)) ? 0 : -Errno.EFAULT;
    }

    /// <summary>getrusage(who, usage) of the own space.</summary>
    public static long Usage(TaskState* task, RegisterFrame* frame)
    {
        // struct rusage: two timevals, then 14 longs, the first the peak in KiB, the fifth minor faults.
        const int Words = 18, Peak = 4, MinorFaults = 8;
        ulong* words = stackalloc ulong[Words];
        BlockMemory.Zero(words, Words * 8);
        int who = (int)frame->Rdi;
        if (who < -1 || who > 1)
            return -Errno.EINVAL;
        if (who != -1 && KernelCalls.Usage(0) >= 0)
        {
            ulong* usage = KernelCalls.MessageWords(task);
            words[0] = usage[2] / TimeSpecification.Second;
            words[1] = usage[2] % TimeSpecification.Second / 1000;
            words[2] = usage[3] / TimeSpecification.Second;
            words[3] = usage[3] % TimeSpecification.Second / 1000;
            words[Peak] = usage[0] / 1024;
            words[MinorFaults] = usage[5];
        }
        return UserMemory.CopyOut(frame->Rsi, words, Words * 8) ? 0 : -Errno.EFAULT;
    }
}
