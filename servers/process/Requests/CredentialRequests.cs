using Libsys.Abi;
using Libsys.Messages;
using Servers.Processes.Spaces;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>credentials(7): users and groups.</summary>
internal sealed class CredentialRequests(VfsControlClient vfs, ProcessEffects effects)
{
    private const int GroupsPerMessage = Credentials.MostGroups;

    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.SetCredentials, Set);
        operations.Running.Add(ProcessOperation.SetGroups, SetGroups);
        operations.Running.Add(ProcessOperation.GetGroups, GetGroups);
        operations.Loading.Add(ProcessOperation.GetGroups, GetGroups);
    }

    // setuid(2) and its relatives.
    private long? Set(ref Request request)
    {
        Credentials before = request.Caller.Credentials;
        long result = before.Change(
            (CredentialChange)request.Words[1], (uint)request.Words[2], (uint)request.Words[3], (uint)request.Words[4], out Credentials after);
        return result < 0 && after == before ? result : Apply(request.Caller, before, after, result);
    }

    // setgroups(2).
    private long? SetGroups(ref Request request)
    {
        Credentials before = request.Caller.Credentials;
        if (!before.IsPrivileged)
            return -Errno.EPERM;
        if (request.Words[1] > GroupsPerMessage)
            return -Errno.EINVAL;
        var groups = new uint[(int)request.Words[1]];
        for (int index = 0; index < groups.Length; index++)
            groups[index] = (uint)(request.Words[2 + index / 2] >> (index % 2 * 32));
        return Apply(request.Caller, before, before with { Groups = groups }, 0);
    }

    // getgroups(2).
    private static long? GetGroups(ref Request request)
    {
        IReadOnlyList<uint> groups = request.Caller.Credentials.Groups;
        Message answer = default;
        answer.Words[0] = (ulong)groups.Count;
        for (int index = 0; index < groups.Count; index++)
            answer.Words[1 + index / 2] |= (ulong)groups[index] << (index % 2 * 32);
        request.Answer(ref answer);
        return null;
    }

    // The answer comes after vfs has the new credentials, so that no later request of the process is judged by the old ones.
    private long Apply(Process process, Credentials before, Credentials after, long result)
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
}
