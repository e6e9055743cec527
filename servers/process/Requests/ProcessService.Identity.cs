using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>Who a process is: ids, credentials, name.</summary>
internal sealed partial class ProcessService
{
    private const int GroupsPerMessage = Credentials.MostGroups;

    private static long? Identify(Process process, ReplyHandle reply)
    {
        Credentials credentials = process.Credentials;
        Message answer = default;
        answer.Words[0] = (ulong)process.Pid;
        answer.Words[1] = (ulong)(process.Parent?.Pid ?? 0);
        answer.Words[2] = (ulong)process.Group;
        answer.Words[3] = (ulong)process.Session;
        answer.Words[4] = process.VfsSlot;
        answer.Words[5] = credentials.Uid | (ulong)credentials.Euid << 32;
        answer.Words[6] = credentials.Gid | (ulong)credentials.Egid << 32;
        answer.Words[7] = credentials.Suid | (ulong)credentials.Sgid << 32;
        reply.Reply(ref answer);
        return null;
    }

    private long? SetCredentials(Process process, in Message message)
    {
        Credentials before = process.Credentials;
        long result = before.Change(
            (CredentialChange)message.Words[1], (uint)message.Words[2], (uint)message.Words[3], (uint)message.Words[4], out Credentials after);
        return result < 0 && after == before ? result : ApplyCredentials(process, before, after, result);
    }

    private long? SetGroups(Process process, in Message message)
    {
        if (!process.Credentials.IsPrivileged)
            return -Errno.EPERM;
        if (message.Words[1] > GroupsPerMessage)
            return -Errno.EINVAL;
        var groups = new uint[(int)message.Words[1]];
        for (int index = 0; index < groups.Length; index++)
            groups[index] = (uint)(message.Words[2 + index / 2] >> (index % 2 * 32));
        return ApplyCredentials(process, process.Credentials, process.Credentials with { Groups = groups }, 0);
    }

    // The answer comes after vfs has the new credentials, so that no later request of the process is judged by the old ones.
    private long ApplyCredentials(Process process, Credentials before, Credentials after, long result)
    {
        process.Credentials = after;
        long acknowledged = vfs.SetCredentials(process);
        if (acknowledged < 0)
        {
            process.Credentials = before;
            return acknowledged;
        }

        // prctl(2), PR_SET_DUMPABLE: a process whose ids changed is not for others to look into.
        if (before.Euid != after.Euid || before.Egid != after.Egid)
        {
            process.Dumpable = 0;
            process.ParentDeathSignal = 0;
        }

        effects.Changed(process);
        return result;
    }

    private static long? GetGroups(Process process, ReplyHandle reply)
    {
        IReadOnlyList<uint> groups = process.Credentials.Groups;
        Message answer = default;
        answer.Words[0] = (ulong)groups.Count;
        for (int index = 0; index < groups.Count; index++)
            answer.Words[1 + index / 2] |= (ulong)groups[index] << (index % 2 * 32);
        reply.Reply(ref answer);
        return null;
    }

    private long? SetName(Process process, in Message message)
    {
        var name = new byte[16];
        for (int index = 0; index < name.Length; index++)
            name[index] = (byte)(message.Words[1 + index / 8] >> (index % 8 * 8));
        int length = Array.IndexOf(name, (byte)0);
        process.Name = name[..(length < 0 ? 15 : length)];
        effects.Changed(process);
        return 0;
    }

    // prctl(2)
    private static long? Control(Process process, in Message message)
    {
        const int SetParentDeathSignal = 1, GetParentDeathSignal = 2, GetDumpable = 3, SetDumpable = 4, SetSubreaper = 36, GetSubreaper = 37,
            SetNoNewPrivileges = 38, GetNoNewPrivileges = 39;
        ulong value = message.Words[2];
        switch ((int)message.Words[1])
        {
            case SetParentDeathSignal when value <= Signals.Last:
                process.ParentDeathSignal = (int)value;
                return 0;
            case GetParentDeathSignal:
                return process.ParentDeathSignal;
            case GetDumpable:
                return process.Dumpable;
            case SetDumpable when value <= 1:
                process.Dumpable = (int)value;
                return 0;
            case SetSubreaper:
                process.IsSubreaper = value != 0;
                return 0;
            case GetSubreaper:
                return process.IsSubreaper ? 1 : 0;
            case SetNoNewPrivileges when value == 1:
                process.NoNewPrivileges = true;
                return 0;
            case GetNoNewPrivileges:
                return process.NoNewPrivileges ? 1 : 0;
            default:
                return -Errno.EINVAL;
        }
    }
}
