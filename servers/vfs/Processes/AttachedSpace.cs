using Servers.Vfs.Objects;

namespace Servers.Vfs.Processes;

/// <summary>An attached address space: the processes in it and the program that it runs. What its processes ask for is kept by who serves them.</summary>
public abstract class AttachedSpace
{
    /// <summary>A space under the number that the process server chose for its connection.</summary>
    protected AttachedSpace(uint id, IClientChannel channel)
    {
        Id = id;
        Channel = channel;
    }

    /// <summary>Number of the connection.</summary>
    public uint Id { get; }

    /// <summary>Shared memory and answers.</summary>
    public IClientChannel Channel { get; }

    /// <summary>Processes of the space by slot.</summary>
    public ProcessSlots Slots { get; } = new();

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

    /// <summary>Where it sees its open files in memory; null: it has not asked for that.</summary>
    public FileArea? Files { get; set; }

    /// <summary>It has attached a System V segment at some time, or was copied from one that had.</summary>
    public bool HasSegments { get; set; }

    /// <summary>Requests of it that would be none if it had.</summary>
    public int Demand { get; set; }

    /// <summary>What its processes may use at other servers.</summary>
    public List<SpaceGrant> Grants { get; } = [];

    /// <summary>A process of the space is gone, or all (null): what it was granted at other servers ends.</summary>
    public void WithdrawGrants(uint? slot)
    {
        for (int index = Grants.Count - 1; index >= 0; index--)
        {
            if (slot is null || Grants[index].Slot == slot)
                Grants[index].Withdraw();
        }
    }

    /// <summary>Writes of its processes that have not begun yet are waited for.</summary>
    public abstract void EndPosting();

    /// <summary>So are changes of names.</summary>
    public abstract void EndNaming();

    /// <summary>The space is gone: requests end without an answer.</summary>
    public abstract void DropRequests();

    /// <summary>One process of the space is gone: its requests end.</summary>
    public abstract void DropRequests(uint slot);
}
