namespace Servers.Vfs.Sys;

/// <summary>Faults that root can have a server commit.</summary>
public enum ServerFault
{
#pragma warning disable CS1591 // names of the faults, as /sys/servers/NAME/inject takes them
    Crash, Hang, Exit, Garbage,
#pragma warning restore CS1591
}

/// <summary>What root asks of the supervisor. Answered at once; what was asked for happens afterwards.</summary>
public interface IServerControl
{
    /// <summary>Ends a server and starts it again.</summary>
    Errno Restart(string server);

    /// <summary>Makes a server fail.</summary>
    Errno Inject(string server, ServerFault fault);
}
