using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Spaces;

namespace Servers.Processes.Requests;

/// <summary>What a program's space is given while it runs.</summary>
internal sealed class SpaceRequests(ProgramSpaces spaces)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(Operations operations)
    {
        operations.Running.Add(ProcessOperation.AttachPool, AttachPool, OperationTraits.Grows);
    }

    // A further pool of the connection to vfs.
    private long? AttachPool(ref Request request) => spaces.AttachPool(request.Space, request.Words[1]);
}
