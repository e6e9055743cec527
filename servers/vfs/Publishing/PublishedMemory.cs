using System.Runtime.CompilerServices;
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
    private ulong sequence, turn = 1;
    private int depth;

    /// <summary>An empty one.</summary>
    /// <param name="memory">Zeros, of the whole length.</param>
    public PublishedMemory(MappedMemory memory)
    {
        this.memory = memory;
        memory.WriteUInt64(0, PublishedNames.Magic);
        memory.WriteUInt64(sizeof(ulong), PublishedNames.Version);
        memory.WriteUInt64(PublishedNames.Turn, turn);
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

    /// <summary>Requests are served from now on. The fence keeps what is looked at next behind this.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void BeginTurn()
    {
        if ((turn & 1) == 0)
            memory.ExchangeUInt64(PublishedNames.Turn, ++turn);
    }

    /// <summary>None is being served, and what is posted will be served first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndTurn()
    {
        if ((turn & 1) != 0)
            memory.WriteUInt64(PublishedNames.Turn, ++turn);
    }

    /// <summary>A record.</summary>
    public Span<byte> Record(uint number) => memory.Span(PublishedNames.RecordAt(number), (int)PublishedNames.RecordLength);

    /// <summary>An entry.</summary>
    public Span<byte> Entry(int place) => memory.Span(PublishedNames.EntryAt((uint)place), (int)PublishedNames.EntryLength);
}
