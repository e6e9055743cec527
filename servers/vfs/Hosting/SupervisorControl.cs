using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Sys;

namespace Servers.Vfs.Hosting;

/// <summary>Asks the supervisor, which answers at once and waits for nobody.</summary>
internal sealed class SupervisorControl(EndpointHandle supervisor) : IServerControl
{
    // It answers in microseconds; if it does not, the machine has other troubles than this write.
    private const ulong Patience = 1_000_000_000;

    /// <inheritdoc/>
    public Errno Restart(string server) => Ask(SupervisorOperation.Restart, 0, server);

    /// <inheritdoc/>
    public Errno Inject(string server, InjectedFault fault) => Ask(SupervisorOperation.Inject, (ulong)fault, server);

    private Errno Ask(SupervisorOperation operation, ulong argument, string server)
    {
        Message message = default;
        message.Words[0] = (ulong)operation;
        message.Words[1] = argument;
        if (!ServerName.TryWrite(ref message, Encoding.UTF8.GetBytes(server)))
            return Errno.ENAMETOOLONG;
        KernelStatus status = supervisor.Call(ref message, SystemClock.Now + Patience);
        if (status != KernelStatus.Ok)
            return Errno.EIO;
        long result = (long)message.Words[0];
        return result < 0 ? (Errno)(-result) : Errno.None;
    }
}
