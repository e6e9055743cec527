using Servers.Vfs.Objects;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Processes;

/// <summary>One attached address space: its processes and the requests that wait.</summary>
public sealed class ClientConnection
{
    /// <summary>Requests of one connection that may wait: as many as the ring has slots.</summary>
    public const int WaitingLimit = (int)Libsys.Messages.VfsLimits.Slots;

    /// <summary>Files that its requests together wait for: as many as 32 threads with 1,024 descriptors each.</summary>
    public const int MostWaitNodes = 32_768;

    /// <summary>A connection under the number that the process server chose.</summary>
    public ClientConnection(uint id, IClientChannel channel)
    {
        Id = id;
        Channel = channel;
    }

    /// <summary>Number of the connection.</summary>
    public uint Id { get; }

    /// <summary>Shared memory and answers.</summary>
    public IClientChannel Channel { get; }

    /// <summary>Processes of the space by slot.</summary>
    public Dictionary<uint, ClientProcess> Slots { get; } = [];

    /// <summary>The program that was opened for execution last: what /proc/PID/exe shows. A forked space starts with its parent's.</summary>
    public Location? Executable
    {
        get;
        set
        {
            value?.Hold();
            field?.Release();
            field = value;
        }
    }

    /// <summary>Files that its requests wait for.</summary>
    public int WaitNodes { get; set; }

    /// <summary>Requests not yet completed.</summary>
    public List<Request> Waiting { get; } = new(4);
}
