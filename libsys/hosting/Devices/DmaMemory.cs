using Libsys.Abi;

namespace Libsys.Hosting.Devices;

/// <summary>
/// Memory that a driver shares with its device: queues and the like. It is pinned where the device may reach it, for as long as that domain lives.
/// </summary>
public sealed class DmaMemory
{
    private const ulong PageLength = 4096;

    private readonly ulong[] pages;

    private DmaMemory(MappedMemory mapped, ulong[] pages) => (Mapped, this.pages) = (mapped, pages);

    /// <summary>The driver's view. Zeroed; the device may write there at any time.</summary>
    public MappedMemory Mapped { get; }

    /// <summary>Makes pages, at most <see cref="DmaDomainHandle.LongestPin"/>.</summary>
    public static KernelStatus TryCreate(DmaDomainHandle domain, int pages, out DmaMemory? memory)
    {
        memory = null;
        KernelStatus status = SealedMemory.TryCreate((ulong)pages * PageLength, out MemoryObjectHandle created, out MappedMemory? mapped);
        if (status != KernelStatus.Ok)
            return status;
        ulong[] addresses = new ulong[pages];
        status = domain.TryPin(created, 0, addresses, out _);
        created.Handle.Close(); // mapping and pin keep it
        if (status == KernelStatus.Ok)
            memory = new DmaMemory(mapped!, addresses);
        else
            mapped!.Dispose();
        return status;
    }

    /// <summary>Where the device sees an offset; what lies together is so within a page only.</summary>
    public ulong AddressOf(ulong offset) => pages[offset / PageLength] + offset % PageLength;
}
