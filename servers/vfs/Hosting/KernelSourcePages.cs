using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Hosting;

/// <summary>Pages that programs share with vfs: an object of one page each, charged to vfs, which nothing but the end of its description frees.</summary>
internal sealed class KernelSourcePages : ISourcePages
{
    // 2 MiB of frames, and a handle each; descriptions beyond work by requests. Some are root's, so that a user who has taken all slows down others only.
    private const int Most = 512, Reserved = Most / 32;

    private int count;

    /// <inheritdoc/>
    public ISourcePage? Create(bool isPrivileged)
    {
        if (count >= (isPrivileged ? Most : Most - Reserved))
            return null;
        if (MemoryObjectHandle.TryCreate(EventCounterPage.Length, MemoryFlags.Sealed, out MemoryObjectHandle memory) != KernelStatus.Ok)
            return null;
        const MapFlags access = MapFlags.Read | MapFlags.Write | MapFlags.Shared;
        if (MappedMemory.TryMap(memory, 0, EventCounterPage.Length, access, out MappedMemory? mapped) != KernelStatus.Ok)
        {
            memory.Handle.Close();
            return null;
        }

        count++;
        return new KernelSourcePage(memory, mapped!, () => count--);
    }
}

/// <summary>One of them.</summary>
internal sealed class KernelSourcePage(MemoryObjectHandle memory, MappedMemory mapped, Action destroyed) : ISourcePage
{
    /// <summary>The object.</summary>
    public MemoryObjectHandle Object => memory;

    /// <inheritdoc/>
    public MappedMemory Memory => mapped;

    /// <inheritdoc/>
    public void Destroy()
    {
        mapped.Dispose();
        memory.Destroy();
        memory.Handle.Close();
        destroyed();
    }
}
