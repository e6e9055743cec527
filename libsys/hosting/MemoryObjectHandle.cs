using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>Pages that can be mapped in several spaces.</summary>
/// <param name="Index">Index in the own table.</param>
public readonly unsafe record struct MemoryObjectHandle(uint Index)
{
    /// <summary>As a handle of any type.</summary>
    public KernelHandle Handle => new(Index);

    /// <summary>Makes an anonymous object, charged to <paramref name="account"/> (default: the own space's).</summary>
    public static KernelStatus TryCreate(ulong length, MemoryFlags flags, out MemoryObjectHandle memory, AccountHandle account = default)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.MemoryCreate, account.Index, length, (ulong)flags);
        memory = new MemoryObjectHandle(handle);
        return status;
    }

    /// <summary>Makes a pager-backed object: touching a missing page calls the endpoint with the badge.</summary>
    public static KernelStatus TryCreatePaged(AccountHandle account, ulong length, EndpointHandle pager, ulong badge, out MemoryObjectHandle memory)
    {
        KernelStatus status = Kernel.Handle(out uint handle, KernelCall.MemoryCreatePaged, account.Index, length, pager.Index, badge);
        memory = new MemoryObjectHandle(handle);
        return status;
    }

    /// <summary>Length, flags and committed bytes.</summary>
    public KernelStatus TryQuery(out ulong length, out MemoryFlags flags, out ulong committed)
    {
        KernelStatus status = Kernel.Status(KernelCall.MemoryQuery, Index);
        Message* area = Kernel.MessageArea;
        bool known = status == KernelStatus.Ok;
        length = known ? area->Words[0] : 0;
        flags = known ? (MemoryFlags)area->Words[1] : MemoryFlags.None;
        committed = known ? area->Words[2] : 0;
        return status;
    }

    /// <summary>Ends all mappings and frees all frames.</summary>
    public KernelStatus Destroy() => Kernel.Status(KernelCall.MemoryDestroy, Index);

    /// <summary>Unmaps a range everywhere (<paramref name="copies"/>: private copies of it too) and frees its frames; the next touch reads zero.</summary>
    public KernelStatus Discard(ulong offset, ulong length, bool copies = false) =>
        Kernel.Status(KernelCall.MemoryDiscard, Index, offset, length, copies ? 1ul : 0);

    /// <summary>
    /// The same; <paramref name="written"/> has a bit for each of up to 64 pages that a mapping had written since <see cref="CollectDirty"/>.
    /// </summary>
    public KernelStatus Discard(ulong offset, ulong length, bool copies, out ulong written)
    {
        KernelStatus status = Discard(offset, length, copies);
        written = status == KernelStatus.Ok ? Kernel.MessageArea->Words[0] : 0;
        return status;
    }

    /// <summary>Moves frames of an anonymous object into this pager-backed one.</summary>
    public KernelStatus Supply(ulong offset, ulong length, MemoryObjectHandle source, ulong sourceOffset) =>
        Kernel.Status(KernelCall.MemorySupply, Index, offset, length, source.Index, sourceOffset);

    /// <summary>
    /// Makes frames of another object frames of this pager-backed one too (a physical one's are lent). NotMapped: it lacks one. <paramref name="countsReads"/>:
    /// until <see cref="CollectDirty"/> pages that were only read count as written.
    /// </summary>
    public KernelStatus Share(ulong offset, ulong length, MemoryObjectHandle source, ulong sourceOffset, bool countsReads = false) =>
        Kernel.Status(KernelCall.MemoryShare, Index, offset, length, source.Index, sourceOffset, countsReads ? 1ul : 0);

    /// <summary>
    /// Ends the pager's part: the object is anonymous from now on, and <paramref name="length"/> bytes long. BadState: it has pages behind that.
    /// </summary>
    public KernelStatus Detach(ulong length) => Kernel.Status(KernelCall.MemoryDetach, Index, length);

    /// <summary>Number of regions, in all spaces, that map the object; negative: a KernelStatus.</summary>
    public long CountMappings() => Query(3);

    /// <summary>Those of them that can write it, now or after mprotect(2); negative: a KernelStatus.</summary>
    public long CountWriters() => Query(5);

    /// <summary>What SpaceQuery calls the object; never used for another.</summary>
    public ulong Identity => (ulong)Query(4);

    private long Query(int word)
    {
        KernelStatus status = Kernel.Status(KernelCall.MemoryQuery, Index);
        return status == KernelStatus.Ok ? (long)Kernel.MessageArea->Words[word] : (long)status;
    }

    /// <summary>
    /// Write-protects up to 128 pages everywhere and tells which were dirty (bit n of <paramref name="low"/>: page n, of <paramref name="high"/>: page 64 + n).
    /// </summary>
    public KernelStatus CollectDirty(ulong offset, ulong length, out ulong low, out ulong high)
    {
        KernelStatus status = Kernel.Status(KernelCall.MemoryCollectDirty, Index, offset, length);
        Message* area = Kernel.MessageArea;
        low = status == KernelStatus.Ok ? area->Words[0] : 0;
        high = status == KernelStatus.Ok ? area->Words[1] : 0;
        return status;
    }
}
