using Libsys.Abi;
using Libsys.Messages;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>getrlimit(2), getrusage(2), getpriority(2).</summary>
internal sealed class ResourceRequests(ProcessTree tree, VfsControlClient vfs, ProcessEffects effects)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.ResourceLimit, Limit);
        operations.Loading.Add(ProcessOperation.ResourceLimit, Limit);
        operations.Running.Add(ProcessOperation.Usage, ReportUsage);
        operations.Running.Add(ProcessOperation.Priority, Prioritize);
    }

    // prlimit(2).
    private long? Limit(ref Request request)
    {
        Process process = request.Caller;
        if ((request.Words[1] == 0 ? process : tree.Find((int)request.Words[1])) is not { } target)
            return -Errno.ESRCH;
        if (request.Words[2] >= ResourceLimits.Count)
            return -Errno.EINVAL;
        Credentials own = process.Credentials, other = target.Credentials;
        bool isAllowed = target == process || own.IsPrivileged
            || (own.Uid == other.Uid && own.Uid == other.Euid && own.Uid == other.Suid && own.Gid == other.Gid && own.Gid == other.Egid
            && own.Gid == other.Sgid);
        if (!isAllowed)
            return -Errno.EPERM;
        int resource = (int)request.Words[2];
        Message answer = default;
        answer.Words[1] = target.Limits.Soft(resource);
        answer.Words[2] = target.Limits.Hard(resource);
        if (request.Words[3] != 0)
            answer.Words[0] = (ulong)target.Limits.Set(resource, request.Words[4], request.Words[5], own.IsPrivileged);
        if (request.Words[3] != 0 && resource == ResourceLimits.FileSize)
            vfs.SetFileSizeLimit(target);
        request.Answer(ref answer);
        return null;
    }

    // getrusage(2).
    private static long? ReportUsage(ref Request request)
    {
        Process process = request.Caller;
        Usage usage;
        if (request.Words[1] == 0)
            usage = process.PastUsage.Plus(ProgramSpaces.Measure(process));
        else if (request.Words[1] == ulong.MaxValue)
            usage = process.ChildrenUsage;
        else
            return -Errno.EINVAL;
        Message answer = default;
        answer.Words[1] = usage.UserNanoseconds;
        answer.Words[2] = usage.SystemNanoseconds;
        answer.Words[3] = usage.PeakResident;
        answer.Words[4] = usage.MinorFaults;
        request.Answer(ref answer);
        return null;
    }

    // getpriority(2), setpriority(2). The value is kept and reported; it does not change the scheduling yet.
    private long? Prioritize(ref Request request)
    {
        if (Selection(request.Caller, request.Words[1], (int)request.Words[2]) is not { } selects)
            return -Errno.EINVAL;
        Process[] found = [.. tree.Processes.Values.Where(other => other.IsAlive && selects(other))];
        if (found.Length == 0)
            return -Errno.ESRCH;
        if (request.Words[3] == 0)
            return 20 - found.Min(other => other.Nice);
        int nice = Math.Clamp((int)request.Words[4], -20, 19);
        Credentials own = request.Caller.Credentials;
        foreach (Process other in found)
        {
            if (!own.IsPrivileged && own.Euid != other.Credentials.Uid && own.Euid != other.Credentials.Euid)
                return -Errno.EPERM;
            if (!own.IsPrivileged && nice < other.Nice)
                return -Errno.EACCES;
            other.Nice = nice;
            effects.Changed(other);
        }

        return 0;
    }

    private static Func<Process, bool>? Selection(Process caller, ulong which, int who)
    {
        const ulong ByProcess = 0, ByGroup = 1, ByUser = 2;
        switch (which)
        {
            case ByProcess:
                int pid = who == 0 ? caller.Pid : who;
                return other => other.Pid == pid;
            case ByGroup:
                int group = who == 0 ? caller.Group : who;
                return other => other.Group == group;
            case ByUser:
                uint uid = who == 0 ? caller.Credentials.Uid : (uint)who;
                return other => other.Credentials.Uid == uid;
            default:
                return null;
        }
    }
}
