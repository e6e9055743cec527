using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Hosting;

/// <summary>
/// Pages that programs share with vfs: an object for each description or stream, charged to vfs, which nothing but the end of that frees.
/// </summary>
internal sealed class KernelSourcePages : ISourcePages
{
    // 2 MiB of frames, and a handle each; descriptions beyond work by requests. Some are root's, so that a user who has taken all slows down others only.
    private const int Most = 512, Reserved = Most / 32;

    // 7 MiB of frames: as much as the buffers of that many pipes take in vfs' heap, which go when a pipe is mapped.
    private const int MostStreams = 96, ReservedStreams = MostStreams / 32;

    private int count, streams;

    /// <inheritdoc/>
    public ISourcePage? Create(bool isPrivileged)
    {
        if (count >= (isPrivileged ? Most : Most - Reserved) || !TryMake(EventCounterPage.Length, out MemoryObjectHandle memory, out MappedMemory? mapped))
            return null;
        count++;
        return new KernelSourcePage(memory, mapped!, () => count--);
    }

    /// <inheritdoc/>
    public ISourcePage? CreateStream(bool isPrivileged)
    {
        if (streams >= (isPrivileged ? MostStreams : MostStreams - ReservedStreams)
            || !TryMake(StreamLayout.Length, out MemoryObjectHandle memory, out MappedMemory? mapped))
            return null;
        streams++;
        return new KernelSourcePage(memory, mapped!, () => streams--);
    }

    private static bool TryMake(uint length, out MemoryObjectHandle memory, out MappedMemory? mapped)
    {
        mapped = null;
        if (MemoryObjectHandle.TryCreate(length, MemoryFlags.Sealed, out memory) != KernelStatus.Ok)
            return false;
        if (MappedMemory.TryMap(memory, 0, length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out mapped) == KernelStatus.Ok)
            return true;
        memory.Handle.Close();
        return false;
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
    public void Wake(uint offset) => mapped.WakeUInt32(offset);

    /// <inheritdoc/>
    public void Destroy()
    {
        mapped.Dispose();
        memory.Destroy();
        memory.Handle.Close();
        destroyed();
    }
}
