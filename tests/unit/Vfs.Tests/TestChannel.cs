using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Vfs.Pages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Tests;

/// <summary>A client's pool and its completions, without rings.</summary>
internal sealed class TestChannel : IClientChannel, IClientSpace
{
    // One pool that takes everything; what is in which is the personality's matter.
    private readonly byte[] pool = new byte[VfsLimits.LargePoolLength];
    private readonly byte[] descriptors = new byte[VfsLimits.DescriptorTableEntries * sizeof(ushort)];

    public Dictionary<ulong, Completion> Completions { get; } = [];

    public List<(ulong Address, long Length, MapFlags Flags, IMappedPages Pages, long Offset, uint Label)> Maps { get; } = [];

    public List<SpaceRegion> Regions { get; } = [];

    public Span<byte> Pool => pool;

    /// <summary>The rings' object, of which only posted calls are used.</summary>
    public Libsys.Hosting.MappedMemory Rings { get; } = Libsys.Hosting.MappedMemory.Allocate((int)VfsLimits.Shape.Length);

    Span<byte> IClientChannel.Pool(uint number) => number == 0 ? pool : default;

    public Span<byte> DescriptorTable => descriptors;

    public IClientSpace Space => this;

    public void Complete(ulong tag, long result, ulong v0, ulong v1, ulong v2) =>
        Completions.Add(tag, new Completion { Tag = tag, Result = result, V0 = v0, V1 = v1, V2 = v2 });

    public KernelStatus Map(ulong address, long length, MapFlags flags, IMappedPages pages, long offset, uint label)
    {
        Maps.Add((address, length, flags, pages, offset, label));
        ((TestMappedPages)pages).Mappings++;
        return KernelStatus.Ok;
    }

    public Dictionary<ulong, ISourcePage> Sources { get; } = [];

    public KernelStatus Map(ulong address, ISourcePage page)
    {
        Sources[address] = page;
        return KernelStatus.Ok;
    }

    /// <summary>Parts of streams.</summary>
    public List<(ulong Address, uint Offset, uint Length, bool IsWritable)> Parts { get; } = [];

    public KernelStatus Map(ulong address, ISourcePage page, uint offset, uint length, bool isWritable)
    {
        Parts.Add((address, offset, length, isWritable));
        return Map(address - offset, page);
    }

    public List<IReadableMemory> Readable { get; } = [];

    public KernelStatus Map(ulong address, IReadableMemory memory)
    {
        Readable.Add(memory);
        return KernelStatus.Ok;
    }

    public bool TryQuery(ulong address, out SpaceRegion region)
    {
        foreach (SpaceRegion candidate in Regions)
        {
            if (address < candidate.Start + candidate.Length)
            {
                region = candidate;
                return true;
            }
        }

        region = default;
        return false;
    }

    public SpaceUsage Usage() => new(0x200000, 0x800000, 1_500_000_000, 250_000_000, 1, 17, 1);
}
