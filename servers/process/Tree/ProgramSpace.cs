using Libsys.Abi;
using Libsys.Hosting;

namespace Servers.Processes.Tree;

/// <summary>An address space with programs' threads, its account and its connection to vfs.</summary>
/// <param name="Number">Badge of its calls, and number of its connection at vfs. Never used twice, so that a late message cannot hit another space.</param>
/// <param name="Space">The space.</param>
/// <param name="Account">Pays for it.</param>
internal sealed record ProgramSpace(ulong Number, AddressSpaceHandle Space, AccountHandle Account)
{
    /// <summary>The connection's rings, with pool 0.</summary>
    public MemoryObjectHandle Connection { get; set; }

    /// <summary>What servers signal when completions wait; kept for servers that are connected later.</summary>
    public NotificationHandle Completions { get; set; }

    /// <summary>Connections to other servers than vfs, by their number; null: none yet.</summary>
    public Dictionary<uint, ServerConnection>? Servers { get; set; }

    /// <summary>True once the connection has the pool for large transfers.</summary>
    public bool HasLargePool { get; set; }

    /// <summary>Processes in it: more than one after vfork.</summary>
    public int Users { get; set; }

    /// <summary>Slot for the next vfork child.</summary>
    public uint NextVfsSlot { get; set; } = 1;
}
