using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Publishing;
using Servers.Processes.Spaces;

namespace Servers.Processes.Requests;

/// <summary>What a program's space is given while it runs.</summary>
internal sealed class SpaceRequests(ProgramSpaces spaces, ProgramServers servers, IdsPublisher ids)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.AttachPool, AttachPool, OperationTraits.Grows);
        operations.Running.Add(ProcessOperation.DetachPool, DetachPool);
        operations.Running.Add(ProcessOperation.ConnectServer, ConnectServer, OperationTraits.Grows | OperationTraits.Waits);
        operations.Running.Add(ProcessOperation.ShowIds, ShowIds);
    }

    // A connection with a server beside vfs; answered when that server has answered.
    private long? ConnectServer(ref Request request) => servers.Connect(request.Space, request.Words[1], request.Keep());

    // Ids in memory.
    private long? ShowIds(ref Request request)
    {
        Message answer = default;
        answer.Words[0] = (ulong)ids.Show(request.Space);
        answer.Words[1] = (ulong)request.Caller.TableIndex;
        request.Answer(ref answer);
        return null;
    }

    // A further pool of the connection to vfs.
    private long? AttachPool(ref Request request) => spaces.AttachPool(request.Space, request.Words[1]);

    // The program does not need it at present.
    private long? DetachPool(ref Request request) => spaces.DetachPool(request.Space, request.Words[1]);
}
