using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>The published names, docs/published-names.md.</summary>
/// <param name="mounts">Whose root they begin at.</param>
/// <param name="memory">Where they are; null: there are none.</param>
public sealed class PublishedNameRequests(MountTree mounts, IReadableMemory? memory)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations) => operations.Add(VfsOperation.MapNames, Map);

    // A0 address.
    private long Map(Request request)
    {
        if (memory is null)
            return Outcome.Of(Errno.ENODEV);
        if (request.Submission.A0 != Window.PublishedNames)
            return Outcome.Of(Errno.EINVAL);

        // Somebody else could change where this process stands, and it would not learn of that.
        FileSystemContext context = request.Process.Context;
        if (context.Users != 1 || context.Root != new Location(mounts.Root, mounts.Root.Root))
            return Outcome.Of(Errno.EACCES);
        return Outcome.Of(request.Connection!.Channel.Space.Map(Window.PublishedNames, memory) switch
        {
            KernelStatus.Ok => Errno.None,
            KernelStatus.NoMemory or KernelStatus.NoHandle => Errno.ENOMEM,
            _ => Errno.EINVAL,
        });
    }
}
