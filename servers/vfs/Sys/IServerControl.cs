using Libsys.Messages;

namespace Servers.Vfs.Sys;

/// <summary>What root asks of the supervisor. Answered at once; what was asked for happens afterwards.</summary>
public interface IServerControl
{
    /// <summary>Ends a server and starts it again.</summary>
    Errno Restart(string server);

    /// <summary>Makes a server fail.</summary>
    Errno Inject(string server, InjectedFault fault);
}
