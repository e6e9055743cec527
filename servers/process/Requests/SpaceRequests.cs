using Servers.Processes.Spaces;

namespace Servers.Processes.Requests;

/// <summary>What a program's space is given while it runs.</summary>
internal sealed class SpaceRequests(ProgramSpaces spaces)
{
    /// <summary>A further pool of the connection to vfs.</summary>
    public long? AttachPool(ref Request request) => spaces.AttachPool(request.Space, request.Caller, request.Words[1]);
}
