using Libsys.Abi;
using Libsys.Rings;

namespace Libsys.Hosting;

/// <summary>The pools of a connection that are objects of their own, by number from 1 on. Most connections have none, and then this holds nothing.</summary>
internal struct SharedPools
{
    private Entry?[]? entries;

    /// <summary>Maps a peer's object as a pool; the handle is taken over.</summary>
    public KernelStatus TryAttach(uint number, MemoryObjectHandle memory, ulong length, bool keepsHandle)
    {
        if (number is 0 or >= RingLayout.Pools || length is 0 or > int.MaxValue)
            return KernelStatus.BadArgument;
        if (Find(number) != null)
            return KernelStatus.Occupied;
        KernelStatus status = SealedMemory.TryMap(memory, length, out MappedMemory? mapped);
        if (status != KernelStatus.Ok)
            return status;
        if (!keepsHandle)
            memory.Handle.Close();
        Add(number, mapped!, keepsHandle ? memory : default);
        return KernelStatus.Ok;
    }

    /// <summary>Adds a pool that is mapped already.</summary>
    public void Add(uint number, MappedMemory mapped, MemoryObjectHandle memory)
    {
        entries ??= [];
        if (entries.Length < number)
            Array.Resize(ref entries, (int)number);
        entries[number - 1] = new Entry(mapped, memory);
    }

    /// <summary>A pool's bytes; empty if there is none of that number.</summary>
    public readonly Span<byte> Span(uint number) => Find(number) is { } entry ? entry.Mapped.Span(0, (int)entry.Mapped.Length) : default;

    /// <summary>The object of a pool whose handle was kept.</summary>
    public readonly MemoryObjectHandle Memory(uint number) => Find(number) is { } entry ? entry.Memory : default;

    /// <summary>Unmaps a pool, if there is one of that number.</summary>
    public readonly void Detach(uint number)
    {
        if (Find(number) is not { } entry)
            return;
        entries![number - 1] = null;
        entry.Mapped.Dispose();
        if (entry.Memory.Handle.IsValid)
            entry.Memory.Handle.Close();
    }

    /// <summary>Unmaps all.</summary>
    public readonly void DetachAll()
    {
        for (uint number = 1; number <= (entries?.Length ?? 0); number++)
            Detach(number);
    }

    private readonly Entry? Find(uint number) => entries != null && number - 1 < (uint)entries.Length ? entries[number - 1] : null;

    private sealed record Entry(MappedMemory Mapped, MemoryObjectHandle Memory);
}
