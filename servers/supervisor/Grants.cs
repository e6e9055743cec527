using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Supervisor;

/// <summary>
/// What single servers get beyond what the manifest says, because the architecture gives them that role: process makes programs and may end the machine,
/// vfs shows the process and server tables as files and passes root's wishes about servers on. All see which servers run.
/// </summary>
internal sealed class Grants
{
    private const string ProcessServer = "process";
    private const string VfsServer = "vfs";

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

    /// <summary>Makes what is granted.</summary>
    /// <param name="machine">The machine, of which vfs may read the log.</param>
    /// <param name="root">The root account.</param>
    /// <param name="programFrames">Frames that all programs together may use.</param>
    /// <param name="cacheFrames">Frames that pages of files may use. They and the programs compete for what is free.</param>
    /// <param name="serverTable">The published table of servers.</param>
    /// <exception cref="ServerStartException">No memory.</exception>
    public Grants(MachineHandle machine, AccountHandle root, ulong programFrames, ulong cacheFrames, MemoryObjectHandle serverTable)
    {
        this.machine = machine;
        this.serverTable = serverTable;
        ServerStartException.Check(root.TryCreateChild(programFrames, ProgramHandles, out programs), "account of the programs");
        ServerStartException.Check(root.TryCreateChild(cacheFrames, CacheHandles, out cache), "account of the page cache");
        ServerStartException.Check(MemoryObjectHandle.TryCreate(ProcessTableLength, MemoryFlags.None, out processTable), "process table");
    }

    /// <summary>True if this server's word is enough to end the machine.</summary>
    public static bool MayEndMachine(string server) => server == ProcessServer;

    /// <summary>True if this server may ask for the restart or the failure of another.</summary>
    public static bool MayRestartOthers(string server) => server == VfsServer;

    /// <summary>Account of all programs.</summary>
    public AccountHandle Programs => programs;

    /// <summary>Forgets all processes, so that the next process server begins with an empty table. Nobody maps it at that time.</summary>
    public KernelStatus ClearProcessTable() => processTable.Discard(0, ProcessTableLength);

    /// <summary>Names, handles and rights for one server.</summary>
    public IEnumerable<(string Name, KernelHandle Handle, Rights Rights)> For(string server)
    {
        yield return ("server.table", serverTable.Handle, Rights.Read);
        if (server == ProcessServer)
        {
            yield return ("programs", programs.Handle, Rights.Manage | Rights.Read | Rights.Duplicate);
            yield return ("process.table", processTable.Handle, Rights.Read | Rights.Write);
        }
        else if (server == VfsServer)
        {
            yield return ("process.table", processTable.Handle, Rights.Read);
            yield return ("cache", cache.Handle, Rights.Manage | Rights.Read);
            yield return ("kernel.log", machine.Handle, Rights.Read);
        }
    }
}
