namespace Servers.Vfs.Proc;

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
    /// <summary>Path of the file whose page lies at <paramref name="offset"/> of a memory object; null if unknown. Also where the file starts there, and its inode.</summary>
    string? Find(ulong memoryObject, ulong offset, out ulong fileStart, out ulong inode);
}
