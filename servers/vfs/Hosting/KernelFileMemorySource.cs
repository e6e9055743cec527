using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Hosting;

/// <summary>Makes memory objects for files, charged to vfs' account.</summary>
internal sealed class KernelFileMemorySource : IFileMemorySource
{
    /// <inheritdoc/>
    public IFileMemory? Create(long length)
    {
        if (MemoryObjectHandle.TryCreate((ulong)length, MemoryFlags.None, out MemoryObjectHandle memory) != KernelStatus.Ok)
            return null;
        const MapFlags flags = MapFlags.Read | MapFlags.Write | MapFlags.Shared;
        if (MappedMemory.TryMap(memory, 0, (ulong)length, flags, out MappedMemory? mapped) == KernelStatus.Ok)
            return new KernelFileMemory(memory, mapped!, isOwned: true);
        memory.Handle.Close();
        return null;
    }
}
