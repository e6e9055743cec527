using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;
using SpaceUsage = Servers.Vfs.Processes.SpaceUsage;

namespace Servers.Vfs.Hosting;

/// <summary>A client's address space behind its kernel handle.</summary>
internal sealed class KernelClientSpace(AddressSpaceHandle space) : IClientSpace
{
    /// <inheritdoc/>
    public KernelStatus Map(ulong address, long length, MapFlags flags, IMappedPages pages, long offset, uint label) =>
        space.Map(address, (ulong)length, flags, ((KernelMappedPages)pages).Handle, (ulong)offset, label);

    /// <inheritdoc/>
    public KernelStatus Map(ulong address, ISourcePage page) => Map(address, page, 0, (uint)page.Memory.Length, isWritable: true);

    /// <inheritdoc/>
    public KernelStatus Map(ulong address, ISourcePage page, uint offset, uint length, bool isWritable)
    {
        const MapFlags flags = MapFlags.Read | MapFlags.Shared | MapFlags.Replace | MapFlags.ForkOmit | MapFlags.NeverExecute;
        return space.Map(address, length, flags | (isWritable ? MapFlags.Write : MapFlags.NeverWrite), ((KernelSourcePage)page).Object, offset);
    }

    /// <inheritdoc/>
    public KernelStatus Map(ulong address, IReadableMemory memory)
    {
        const MapFlags flags = MapFlags.Read | MapFlags.Shared | MapFlags.Replace | MapFlags.ForkOmit | MapFlags.NeverWrite | MapFlags.NeverExecute;
        return space.Map(address, memory.Length, flags, ((KernelReadableMemory)memory).Object);
    }

    /// <inheritdoc/>
    public bool TryQuery(ulong address, out SpaceRegion region)
    {
        bool found = space.TryQuery(address, out RegionState state) == KernelStatus.Ok;
        region = new SpaceRegion(state.Start, state.Length, state.Flags, state.ObjectIdentity, state.Offset, state.Resident, state.Label);
        return found;
    }

    /// <inheritdoc/>
    public SpaceUsage Usage()
    {
        space.TryUsage(0, out Libsys.Hosting.SpaceUsage usage);
        return new SpaceUsage(usage.Resident, usage.Mapped, usage.UserNanoseconds, usage.SystemNanoseconds, usage.Threads, usage.MinorFaults, usage.Runnable);
    }

    /// <summary>Lets the handle go.</summary>
    public void Close() => space.Handle.Close();
}
