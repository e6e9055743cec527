using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Spaces;

namespace Servers.Processes.Requests;

/// <summary>The machine's end, which the supervisor brings about.</summary>
internal sealed class MachinePower(EndpointHandle supervisor, VfsControlClient vfs)
{
    /// <summary>Ends the machine; <paramref name="failed"/>: not as wished. Comes back only if that was refused.</summary>
    public long Request(PowerAction action, bool failed)
    {
        vfs.DrainTerminals();
        Message message = default;
        message.Words[0] = (ulong)SupervisorOperation.Power;
        message.Words[1] = (ulong)action;
        message.Words[2] = failed ? 1ul : 0;
        return supervisor.Call(ref message) == KernelStatus.Ok ? (long)message.Words[0] : -Errno.EIO;
    }
}
