using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Pipes;

/// <summary>
/// A pipe's bytes in memory that programs share (docs/streams.md). Programs move data in it at the same time; what is read from it may be anything. Who moves
/// data holds the lock of the side, vfs too.
/// </summary>
/// <param name="page">The memory, which belongs to the stream.</param>
/// <param name="isAlive">Whether a number is that of a mapping whose process lives.</param>
public sealed partial class PipeStream(ISourcePage page, Func<uint, bool> isAlive) : PipeStorage
{
    // Programs that change a lock's word make a try fail now and then; so often only who means harm.
    private const int MostTries = 4;

    /// <summary>A lock was found taken by who lives, and could not be marked: nobody will say when it is free.</summary>
    public bool IsUnsettled { get; private set; }

    /// <summary>A try begins that does not take this lock: <see cref="IsUnsettled"/> is of an earlier one.</summary>
    public void Settle() => IsUnsettled = false;

    /// <inheritdoc/>
    public override (uint Rises, uint Falls) Changes => (Memory.ReadUInt32(StreamLayout.WriterSide + StreamSide.Changes),
        Memory.ReadUInt32(StreamLayout.ReaderSide + StreamSide.Changes));

    /// <inheritdoc/>
    public override int Capacity => (int)StreamLayout.Capacity;

    /// <inheritdoc/>
    public override int Count => StreamLayout.TryCount(Head, Tail, out uint count) ? (int)count : 0;

    /// <inheritdoc/>
    public override (uint Head, uint Tail) Indices => (Head, Tail);

    /// <summary>The memory.</summary>
    public ISourcePage Page => page;

    private MappedMemory Memory => page.Memory;

    private uint Head => Memory.ReadUInt32(StreamLayout.ReaderSide + StreamSide.Index);

    private uint Tail => Memory.ReadUInt32(StreamLayout.WriterSide + StreamSide.Index);

    /// <summary>Fills fresh memory with what is in the pipe so far.</summary>
    public void Begin(PipeStorage before)
    {
        uint start = before.Indices.Head;
        Memory.WriteUInt32(StreamLayout.ReaderSide + StreamSide.Index, start);
        Memory.WriteUInt32(StreamLayout.WriterSide + StreamSide.Index, start);
        Write(before.Peek());
        Write(before.PeekRest());
    }

    /// <summary>Where the bytes are is no change: numbers go on from what they were before.</summary>
    public void GoOn((uint Rises, uint Falls) changes)
    {
        Memory.WriteUInt32(StreamLayout.WriterSide + StreamSide.Changes, changes.Rises);
        Memory.WriteUInt32(StreamLayout.ReaderSide + StreamSide.Changes, changes.Falls);
    }

    /// <inheritdoc/>
    public override bool TryEnter(bool reads)
    {
        uint word = SideOf(reads) + StreamSide.Lock;
        IsUnsettled = false;
        for (int tries = 0; tries < MostTries; tries++)
        {
            uint found = Memory.CompareExchangeUInt32(word, StreamLayout.Owner, 0);
            if (found != 0 && isAlive(found & ~StreamLayout.Wanted))
            {
                if ((found & StreamLayout.Wanted) != 0 || Memory.CompareExchangeUInt32(word, found | StreamLayout.Wanted, found) == found)
                    return false;
                continue;
            }

            // Nobody's, or of who has ended: what was not published is not there.
            if (found != 0 && Memory.CompareExchangeUInt32(word, StreamLayout.Owner, found) != found)
                continue;
            // Somebody has lied about an index. What was in the stream cannot be told from what was not.
            ulong written = Memory.ReadUInt64(StreamLayout.WriterSide);
            if (!StreamLayout.TryCount(Head, (uint)written, out _))
                Memory.WriteUInt64(StreamLayout.ReaderSide, written);
            return true;
        }

        IsUnsettled = true;
        return false;
    }

    /// <inheritdoc/>
    public override void Leave(bool reads) => Memory.ExchangeUInt32(SideOf(reads) + StreamSide.Lock, 0);

    /// <inheritdoc/>
    public override int Write(ReadOnlySpan<byte> data)
    {
        uint tail = Tail;
        if (!StreamLayout.TryCount(Head, tail, out uint count))
            return 0;
        int length = (int)StreamLayout.Acceptable(count, (uint)data.Length, isWhole: false);
        if (length == 0)
            return 0;
        int at = (int)(tail % StreamLayout.Capacity), first = Math.Min(length, Capacity - at);
        data[..first].CopyTo(Memory.Span(StreamLayout.Data + (uint)at, first));
        data[first..length].CopyTo(Memory.Span(StreamLayout.Data, length - first));
        Memory.WriteUInt32(StreamLayout.WriterSide + StreamSide.Index, tail + (uint)length);
        Announce(reads: false);
        return length;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Peek()
    {
        uint head = Head;
        if (!StreamLayout.TryCount(head, Tail, out uint count))
            return default;
        uint at = head % StreamLayout.Capacity;
        return Memory.Span(StreamLayout.Data + at, (int)Math.Min(count, StreamLayout.Capacity - at));
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> PeekRest()
    {
        uint head = Head;
        if (!StreamLayout.TryCount(head, Tail, out uint count))
            return default;
        uint first = StreamLayout.Capacity - (head % StreamLayout.Capacity);
        return count > first ? Memory.Span(StreamLayout.Data, (int)(count - first)) : default;
    }

    /// <inheritdoc/>
    public override void Skip(int length)
    {
        uint head = Head;
        Memory.ExchangeUInt32(StreamLayout.ReaderSide + StreamSide.Index, head + (uint)length);
        if (StreamLayout.MakesRoom(head, Tail, (uint)length))
            Announce(reads: true);
    }

    /// <inheritdoc/>
    public override void SetEnds(int readers, int writers, bool hasHadWriter)
    {
        Memory.WriteUInt32(StreamLayout.Readers, (uint)readers);
        Memory.WriteUInt32(StreamLayout.Writers, (uint)writers);
        Memory.WriteUInt32(StreamLayout.HasHadWriter, hasHadWriter ? 1u : 0);
        AnnounceAll();
    }

    /// <summary>Both sides may find something new: sleepers are woken, whatever the words say of them.</summary>
    public void AnnounceAll()
    {
        Announce(reads: false, wakesAll: true);
        Announce(reads: true, wakesAll: true);
    }

    /// <summary>The mapping of a number is over: what it held is free.</summary>
    public void ReleaseLocks(uint number)
    {
        for (int side = 0; side < 2; side++)
        {
            uint word = SideOf(side == 0) + StreamSide.Lock, found = Memory.ReadUInt32(word);
            if ((found & ~StreamLayout.Wanted) == number)
                Memory.CompareExchangeUInt32(word, 0, found);
        }
    }

    /// <inheritdoc/>
    public override void Release() => page.Destroy();

    private static uint SideOf(bool reads) => reads ? StreamLayout.ReaderSide : StreamLayout.WriterSide;

    /// <summary>An edge for the other side, and the end of its sleep: the step is a full fence between the change and the look at who waits.</summary>
    public void Announce(bool reads, bool wakesAll = false)
    {
        uint word = SideOf(reads) + StreamSide.Changes, number = Memory.IncrementUInt32(word);
        if (wakesAll || StreamLayout.IsAwaited(Memory.ReadUInt32(SideOf(!reads) + StreamSide.Awaited), number))
            page.Wake(word);
    }
}
