using Libsys.Abi;
using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Requests;

/// <summary>Who a process is: ids, group, session.</summary>
internal sealed class IdentityRequests(ProcessTree tree)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.Identify, Identify);
        operations.Loading.Add(ProcessOperation.Identify, Identify);
        operations.Running.Add(ProcessOperation.GetProcessGroup, GetGroup);
        operations.Running.Add(ProcessOperation.SetProcessGroup, SetGroup);
        operations.Running.Add(ProcessOperation.GetSession, GetSession);
        operations.Running.Add(ProcessOperation.SetSession, SetSession);
    }

    // All ids at once.
    private static long? Identify(ref Request request)
    {
        Process process = request.Caller;
        Message answer = default;
        answer.Words[0] = (ulong)process.Pid;
        answer.Words[1] = (ulong)(process.Parent?.Pid ?? 0);
        answer.Words[2] = (ulong)process.Group;
        answer.Words[3] = (ulong)process.Session;
        answer.Words[4] = process.VfsSlot;
        process.Credentials.Write(ref answer.Words);
        request.Answer(ref answer);
        return null;
    }

    // getpgid(2).
    private long? GetGroup(ref Request request) => Named(ref request)?.Group ?? -Errno.ESRCH;

    // setpgid(2).
    private long? SetGroup(ref Request request) => tree.SetGroup(request.Caller, (int)request.Words[1], (int)request.Words[2]);

    // getsid(2).
    private long? GetSession(ref Request request) => Named(ref request)?.Session ?? -Errno.ESRCH;

    // setsid(2).
    private long? SetSession(ref Request request) => tree.SetSession(request.Caller);

    private Process? Named(ref Request request) => request.Words[1] == 0 ? request.Caller : tree.Find((int)request.Words[1]);
}
