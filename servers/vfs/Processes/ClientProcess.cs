using Servers.Vfs.Inodes;

namespace Servers.Vfs.Processes;

/// <summary>What vfs knows about a process: all of it came from the process server, or from the process' own requests.</summary>
public sealed class ClientProcess
{
    /// <summary>A process; <paramref name="handles"/> and <paramref name="context"/> are its own or shared.</summary>
    public ClientProcess(uint pid, HandleTable handles, FileSystemContext context, Credentials credentials)
    {
        Pid = pid;
        Handles = handles;
        Context = context;
        Credentials = credentials;
    }

    /// <summary>Process id.</summary>
    public uint Pid { get; }

    /// <summary>Its handles.</summary>
    public HandleTable Handles { get; set; }

    /// <summary>Root and working directory.</summary>
    public FileSystemContext Context { get; set; }

    /// <summary>Who it is.</summary>
    public Credentials Credentials { get; set; }

    /// <summary>Process group.</summary>
    public uint Group { get; set; }

    /// <summary>Session.</summary>
    public uint Session { get; set; }

    /// <summary>It leads its session, so it may take a controlling terminal.</summary>
    public bool IsSessionLeader { get; set; }

    /// <summary>Connection slots through which it asks; two during exec. The process is forgotten when the last one goes.</summary>
    public int Attachments { get; set; }
}
