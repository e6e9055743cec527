using Servers.Vfs.Objects;

namespace Servers.Vfs.Processes;

/// <summary>Processes as the process server publishes them.</summary>
public interface IProcessTable
{
    /// <summary>A consistent copy of a process' entry, or null.</summary>
    ProcessEntry? Find(uint pid);

    /// <summary>All pids, ascending.</summary>
    List<uint> Pids();
}

/// <summary>Names of mapped memory: which file a region of an address space shows.</summary>
public interface IMappedNames
{
    /// <summary>The name that a file was mapped by, whose pages are those of a memory object; null if unknown.</summary>
    Location? Find(ulong memoryObject);
}
