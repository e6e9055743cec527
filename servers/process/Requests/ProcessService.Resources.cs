using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>Limits, usage, priorities, load, the machine's end.</summary>
internal sealed partial class ProcessService
{
    // prlimit(2)
    private long? LimitResource(Process process, in Message message, ReplyHandle reply)
    {
        if (Other(process, in message) is not { } target)
            return -Errno.ESRCH;
        if (message.Words[2] >= ResourceLimits.Count)
            return -Errno.EINVAL;
        Credentials own = process.Credentials, other = target.Credentials;
        bool isAllowed = target == process || own.IsPrivileged
            || (own.Uid == other.Uid && own.Uid == other.Euid && own.Uid == other.Suid && own.Gid == other.Gid && own.Gid == other.Egid
            && own.Gid == other.Sgid);
        if (!isAllowed)
            return -Errno.EPERM;
        int resource = (int)message.Words[2];
        Message answer = default;
        answer.Words[1] = target.Limits.Soft(resource);
        answer.Words[2] = target.Limits.Hard(resource);
        if (message.Words[3] != 0)
            answer.Words[0] = (ulong)target.Limits.Set(resource, message.Words[4], message.Words[5], own.IsPrivileged);
        if (message.Words[3] != 0 && resource == ResourceLimits.FileSize)
            vfs.SetFileSizeLimit(target);
        reply.Reply(ref answer);
        return null;
    }

    private static long? ReportUsage(Process process, in Message message, ReplyHandle reply)
    {
        Usage usage;
        if (message.Words[1] == 0)
            usage = process.PastUsage.Plus(ProgramSpaces.Measure(process));
        else if (message.Words[1] == ulong.MaxValue)
            usage = process.ChildrenUsage;
        else
            return -Errno.EINVAL;
        Message answer = default;
        answer.Words[1] = usage.UserNanoseconds;
        answer.Words[2] = usage.SystemNanoseconds;
        answer.Words[3] = usage.PeakResident;
        answer.Words[4] = usage.MinorFaults;
        reply.Reply(ref answer);
        return null;
    }

    // getpriority(2), setpriority(2). The value is kept and reported; it does not change the scheduling yet.
    private long? Prioritize(Process process, in Message message)
    {
        const ulong ByProcess = 0, ByGroup = 1, ByUser = 2;
        int who = (int)message.Words[2];
        Func<Process, bool> selects;
        switch (message.Words[1])
        {
            case ByProcess:
                int pid = who == 0 ? process.Pid : who;
                selects = other => other.Pid == pid;
                break;
            case ByGroup:
                int group = who == 0 ? process.Group : who;
                selects = other => other.Group == group;
                break;
            case ByUser:
                uint uid = who == 0 ? process.Credentials.Uid : (uint)who;
                selects = other => other.Credentials.Uid == uid;
                break;
            default:
                return -Errno.EINVAL;
        }

        Process[] found = [.. tree.Processes.Values.Where(other => other.IsAlive && selects(other))];
        if (found.Length == 0)
            return -Errno.ESRCH;
        if (message.Words[3] == 0)
            return 20 - found.Min(other => other.Nice);
        int nice = Math.Clamp((int)message.Words[4], -20, 19);
        Credentials own = process.Credentials;
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

    private long? ReportLoad(ReplyHandle reply)
    {
        Message answer = default;
        for (int index = 0; index < 3; index++)
            answer.Words[1 + index] = load.Fixed(index);
        answer.Words[0] = load.Fixed(0);
        answer.Words[4] = (ulong)tree.Processes.Count;
        reply.Reply(ref answer);
        return null;
    }

    // reboot(2): numbers of LINUX_REBOOT_CMD_*.
    private long? Reboot(Process process, in Message message)
    {
        const uint Restart = 0x0123_4567, Halt = 0xCDEF_0123, PowerOff = 0x4321_FEDC, Restart2 = 0xA1B2_C3D4, EnableKeys = 0x89AB_CDEF, DisableKeys = 0;
        if (!process.Credentials.IsPrivileged)
            return -Errno.EPERM;
        return (uint)message.Words[1] switch
        {
            PowerOff => RequestPower(PowerAction.Off, failed: false),
            Halt => RequestPower(PowerAction.Halt, failed: false),
            Restart or Restart2 => RequestPower(PowerAction.Restart, failed: false),
            EnableKeys or DisableKeys => 0, // there is no Ctrl-Alt-Del
            _ => -Errno.EINVAL,
        };
    }
}
