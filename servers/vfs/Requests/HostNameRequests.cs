using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Machine;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>uname(2)'s changeable part, sethostname(2) and setdomainname(2).</summary>
public sealed class HostNameRequests(HostNames names)
{
    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.HostNames, Serve);
    }

    // A0 HostNameAction.
    private long Serve(Request request)
    {
        HostName? changed = request.Submission.A0 switch
        {
            HostNameAction.SetHost => names.Host,
            HostNameAction.SetDomain => names.Domain,
            _ => null,
        };
        Span<byte> payload = request.Payload;
        if (changed == null)
        {
            if (request.Submission.A0 != HostNameAction.Get || payload.Length < 2 * SystemName.Field)
                return Outcome.Of(Errno.EINVAL);
            names.Host.Field.CopyTo(payload);
            names.Domain.Field.CopyTo(payload[SystemName.Field..]);
            return 0;
        }
        if (!request.Process.Credentials.IsPrivileged)
            return Outcome.Of(Errno.EPERM);
        if (payload.Length > SystemName.Longest)
            return Outcome.Of(Errno.EINVAL);
        changed.Set(payload);
        return 0;
    }
}
