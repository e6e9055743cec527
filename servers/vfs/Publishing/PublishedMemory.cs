using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Publishing;

/// <summary>
/// The memory that programs see, written by one thread: its sequence number is odd during each change, so that a reader that finds the same even number before
/// and after has read what was there at one time.
/// </summary>
internal sealed class PublishedMemory
{
    private readonly MappedMemory memory;
    private ulong sequence;
    private int depth;

    /// <summary>An empty one.</summary>
    /// <param name="memory">Zeros, of the whole length.</param>
    public PublishedMemory(MappedMemory memory)
    {
        this.memory = memory;
        memory.WriteUInt64(0, PublishedNames.Magic);
        memory.WriteUInt64(sizeof(ulong), PublishedNames.Version);
    }

    /// <summary>A change begins. It may lie within another one.</summary>
    public void Begin()
    {
        // The fence keeps what is stored next behind this.
        if (depth++ == 0)
            memory.CompareExchangeUInt64(PublishedNames.Sequence, sequence + 1, sequence);
    }

    /// <summary>The change is over.</summary>
    public void End()
    {
        if (--depth == 0)
            memory.WriteUInt64(PublishedNames.Sequence, sequence += 2);
    }

    /// <summary>A record.</summary>
    public Span<byte> Record(uint number) => memory.Span(PublishedNames.RecordAt(number), (int)PublishedNames.RecordLength);

    /// <summary>An entry.</summary>
    public Span<byte> Entry(int place) => memory.Span(PublishedNames.EntryAt((uint)place), (int)PublishedNames.EntryLength);
}
