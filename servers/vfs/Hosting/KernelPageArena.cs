using Libsys.Abi;
using Libsys.Hosting;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Hosting;

/// <summary>The arena: one memory object, as long as its account may ever hold, mapped once.</summary>
internal sealed class KernelPageArena : IPageArena
{
    private const ulong PageLength = CachedFile.PageSize;

    private readonly MemoryObjectHandle memory;
    private readonly MappedMemory mapped;

    /// <summary>An arena whose frames an account pays for.</summary>
    /// <exception cref="InvalidOperationException">No memory.</exception>
    public KernelPageArena(AccountHandle account)
    {
        KernelStatus status = account.TryQuery(out AccountState state);
        Slots = (int)Math.Min(state.FrameLimit, int.MaxValue / 2);
        if (status == KernelStatus.Ok)
            status = MemoryObjectHandle.TryCreate((ulong)Slots * PageLength, MemoryFlags.None, out memory, account);
        MappedMemory? made = null;
        if (status == KernelStatus.Ok)
            status = MappedMemory.TryMap(memory, 0, (ulong)Slots * PageLength, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out made);
        mapped = made ?? throw new InvalidOperationException("page cache: no arena: " + status);
        Memory = memory;
    }

    /// <summary>The object.</summary>
    public MemoryObjectHandle Memory { get; }

    /// <inheritdoc/>
    public int Slots { get; }

    /// <inheritdoc/>
    public Span<byte> Span(int first, int count) => mapped.Span((ulong)first * PageLength, count * CachedFile.PageSize);

    /// <inheritdoc/>
    public bool Commit(int first, int count) => mapped.TryPopulate((ulong)first * PageLength, (ulong)count * PageLength) == KernelStatus.Ok;

    /// <inheritdoc/>
    public void Discard(int first, int count) => memory.Discard((ulong)first * PageLength, (ulong)count * PageLength);
}
