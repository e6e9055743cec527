using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Tmpfs;

namespace Servers.Vfs.Hosting;

/// <summary>Makes memory objects for files, charged to vfs' account.</summary>
/// <param name="account">That account. Files get of it what the server itself cannot come to need.</param>
internal sealed class KernelFileMemorySource(AccountHandle account) : IFileMemorySource
{
    // Page tables, stacks, rings and what the runtime takes beside its heap.
    private const ulong BesideHeap = 16 << 20;
    private const ulong PageLength = 4096;

    // Each segment of a file is a handle. A quarter of them is for the connections of programs: without a free one no program can be started or can end.
    private const ulong HandlesKept = 4;

    // The object, its mapping here, and its share of a page table.
    private const ulong FramesOfObject = 2;

    // A page that the heap was promised and does not get ends the server, and all programs with it; a page that a file does not get is ENOSPC.
    private readonly ulong reserved = ((ulong)GC.GetGCMemoryInfo().TotalAvailableMemoryBytes + BesideHeap) / PageLength;

    /// <summary>Whether files may take so many bytes more.</summary>
    public bool MayTake(long length) => account.TryQuery(out AccountState state) == KernelStatus.Ok && HasFrames(state, (ulong)length / PageLength);

    /// <inheritdoc/>
    public IFileMemory? Create(long length)
    {
        if (account.TryQuery(out AccountState state) != KernelStatus.Ok || !HasFrames(state, FramesOfObject) || state.Handles >= state.HandleLimit - state.HandleLimit / HandlesKept)
            return null;
        if (MemoryObjectHandle.TryCreate((ulong)length, MemoryFlags.None, out MemoryObjectHandle memory) != KernelStatus.Ok)
            return null;
        const MapFlags flags = MapFlags.Read | MapFlags.Write | MapFlags.Shared;
        if (MappedMemory.TryMap(memory, 0, (ulong)length, flags, out MappedMemory? mapped) == KernelStatus.Ok)
            return new KernelFileMemory(memory, mapped!, this);
        memory.Handle.Close();
        return null;
    }

    private bool HasFrames(in AccountState state, ulong frames) => state.Frames + reserved + frames <= state.FrameLimit;
}
