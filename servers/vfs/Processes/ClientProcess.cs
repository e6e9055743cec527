using Servers.Vfs.Objects;

namespace Servers.Vfs.Processes;

/// <summary>What vfs knows about a process: all of it came from the process server, or from the process' own requests.</summary>
public sealed class ClientProcess : Subject
{
    /// <summary>A process; <paramref name="handles"/> and <paramref name="context"/> are its own or shared.</summary>
    public ClientProcess(uint pid, HandleTable handles, FileSystemContext context, Credentials credentials)
        : base(context, credentials)
    {
        Pid = pid;
        Handles = handles;
    }

    /// <summary>Process id.</summary>
    public uint Pid { get; }

    /// <summary>Its handles.</summary>
    public HandleTable Handles { get; set; }

    /// <summary>RLIMIT_FSIZE, bytes; <see cref="long.MaxValue"/> = none.</summary>
    public long FileSizeLimit { get; set; } = long.MaxValue;

    /// <summary>Process group.</summary>
    public uint Group { get; set; }

    /// <summary>Session.</summary>
    public uint Session { get; set; }

    /// <summary>It leads its session, so it may take a controlling terminal.</summary>
    public bool IsSessionLeader { get; set; }

    /// <summary>It left its session's terminal (TIOCNOTTY) without leaving the session.</summary>
    public bool HasGivenUpTerminal { get; set; }

    /// <summary>The address space that it runs in; during exec still the old one.</summary>
    public AttachedSpace? Space { get; private set; }

    private AttachedSpace? nextSpace;

    /// <summary>It can ask through another connection: its first, or that of the program that it is about to execute.</summary>
    public void Enter(AttachedSpace connection)
    {
        Attachments++;
        if (Space == null)
            Space = connection;
        else
            nextSpace = connection;
    }

    /// <summary>It no longer asks through a connection. True if that was the last one.</summary>
    public bool Leave(AttachedSpace connection)
    {
        if (Space == connection)
            (Space, nextSpace) = (nextSpace, null);
        else if (nextSpace == connection)
            nextSpace = null;
        return --Attachments == 0;
    }

    /// <summary>Changes of names by it, and others of its space, are waited for.</summary>
    public void EndNaming()
    {
        Space?.EndNaming();
        nextSpace?.EndNaming();
    }

    /// <summary>Connection slots through which it asks; two during exec. The process is forgotten when the last one goes.</summary>
    public int Attachments { get; private set; }
}
