using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;

namespace Servers.Supervisor;

/// <summary>
/// The handles behind what the manifest grants (<see cref="Grant"/>). All servers see which servers run.
/// </summary>
internal sealed class Grants
{
    // Handle slots of all programs together: the kernel's account needs a bound, and 4,096 processes hold few handles each.
    private const ulong ProgramHandles = 1 << 20;

    // Objects of mapped files are charged by the frame; their handles are vfs' own.
    private const ulong CacheHandles = 16;

    private const ulong ProcessTableLength = (ulong)ProcessTable.EntryLength * ProcessTable.Entries;

    private readonly MachineHandle machine;
    private readonly AccountHandle programs;
    private readonly AccountHandle cache;
    private readonly MemoryObjectHandle processTable;
    private readonly MemoryObjectHandle serverTable;
    private readonly bool hasRootImage;

    /// <summary>Makes what is granted.</summary>
    /// <param name="machine">The machine, the log of which can be granted.</param>
    /// <param name="root">The root account.</param>
    /// <param name="programFrames">Frames that all programs together may use.</param>
    /// <param name="cacheFrames">Frames that pages of files may use. They and the programs compete for what is free.</param>
    /// <param name="serverTable">The published table of servers.</param>
    /// <exception cref="ServerStartException">No memory.</exception>
    public Grants(MachineHandle machine, AccountHandle root, ulong programFrames, ulong cacheFrames, MemoryObjectHandle serverTable)
    {
        this.machine = machine;
        this.serverTable = serverTable;
        hasRootImage = new MemoryObjectHandle(WellKnownHandle.BootImage).TryQuery(out _, out _, out _) == KernelStatus.Ok;
        ServerStartException.Check(root.TryCreateChild(programFrames, ProgramHandles, out programs), "account of the programs");
        ServerStartException.Check(root.TryCreateChild(cacheFrames, CacheHandles, out cache), "account of the page cache");
        ServerStartException.Check(MemoryObjectHandle.TryCreate(ProcessTableLength, MemoryFlags.None, out processTable), "process table");
    }

    /// <summary>Account of all programs.</summary>
    public AccountHandle Programs => programs;

    /// <summary>Forgets all processes, so that the next process server begins with an empty table. Nobody maps it at that time.</summary>
    public KernelStatus ClearProcessTable() => processTable.Discard(0, ProcessTableLength);

    /// <summary>Names, handles and rights for what a server is granted.</summary>
    public IEnumerable<(string Name, KernelHandle Handle, Rights Rights)> For(Grant granted)
    {
        yield return ("server.table", serverTable.Handle, Rights.Read);
        if (granted.HasFlag(Grant.Programs))
            yield return ("programs", programs.Handle, Rights.Manage | Rights.Read);
        if (granted.HasFlag(Grant.ReadProcessTable))
            yield return ("process.table", processTable.Handle, granted.HasFlag(Grant.WriteProcessTable) ? Rights.Read | Rights.Write : Rights.Read);
        if (granted.HasFlag(Grant.FileCache))
            yield return ("cache", cache.Handle, Rights.Manage | Rights.Read);
        if (granted.HasFlag(Grant.RootImage) && hasRootImage)
            yield return ("root.image", new KernelHandle(WellKnownHandle.BootImage), Rights.Read);
        if (granted.HasFlag(Grant.Devices))
            yield return ("machine", machine.Handle, Rights.Map);
        if (granted.HasFlag(Grant.KernelLog))
            yield return ("kernel.log", machine.Handle, Rights.Read);
    }
}
