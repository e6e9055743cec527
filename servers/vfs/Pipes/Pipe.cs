using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pipes;

/// <summary>
/// A pipe or an open fifo, pipe(7). Its bytes lie in the own heap until a program that uses it much asks for them to be mapped (docs/streams.md); requests
/// work in either place.
/// </summary>
public sealed partial class Pipe
{
    /// <summary>Writes up to this length are not mixed with others, pipe(7).</summary>
    public const int AtomicLength = 4096;

    private readonly PipeMemory budget;
    private PipeStorage buffer;

    /// <summary>An empty pipe without ends.</summary>
    public Pipe(PipeMemory budget)
    {
        this.budget = budget;
        buffer = new PipeBuffer(budget);
        Waiters = new WaitQueue { Joined = Watch };
    }

    /// <summary>The same for who waits for it together with others: whoever joins that queue calls <see cref="Watch"/>.</summary>
    public Pipe(PipeMemory budget, WaitQueue waiters)
    {
        this.budget = budget;
        buffer = new PipeBuffer(budget);
        Waiters = waiters;
    }

    /// <summary>Open read ends.</summary>
    public int Readers { get; private set; }

    /// <summary>Open write ends.</summary>
    public int Writers { get; private set; }

    /// <summary>Read ends ever opened: who waits for one in open(2) sees it even if it closed again at once.</summary>
    public int ReadersEver { get; private set; }

    /// <summary>Write ends ever opened.</summary>
    public int WritersEver { get; private set; }

    /// <summary>Requests that wait for data, room, or the other end.</summary>
    public WaitQueue Waiters { get; }

    /// <summary>The last try to move bytes has met a program that was moving some: whoever does not wait for bytes waits for that.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Bytes inside (FIONREAD).</summary>
    public int Count => Look().Count;

    /// <summary>The oldest bytes in one piece, between <see cref="TryEnter"/> and <see cref="Leave"/>.</summary>
    public ReadOnlySpan<byte> Peek() => buffer.Peek();

    /// <summary>Keeps programs from taking bytes out, or putting some in. False: one is just doing it (<see cref="IsHeld"/>).</summary>
    public bool TryEnter(bool reads)
    {
        seen = stream?.Changes ?? default;
        IsHeld = !buffer.TryEnter(reads);
        return !IsHeld;
    }

    /// <summary>Lets them again.</summary>
    public void Leave(bool reads) => buffer.Leave(reads);

    /// <summary>Copies the oldest bytes into another pipe, as many as fit there, and leaves them here. −EAGAIN, −EPIPE or −ENOMEM as a write there.</summary>
    public long CopyTo(Pipe target, int length)
    {
        if (!TryEnter(reads: true))
            return -(long)Errno.EAGAIN;
        long copied = CopyHeld(target, length);
        Leave(reads: true);
        return copied;
    }

    private long CopyHeld(Pipe target, int length)
    {
        if (packets.Count > 0)
            return CopyRuns(target, length);
        ReadOnlySpan<byte> first = buffer.Peek();
        first = first[..Math.Min(length, first.Length)];
        long copied = target.Write(first, isWhole: false);
        if (copied < first.Length)
            return copied;
        ReadOnlySpan<byte> rest = buffer.PeekRest();
        long more = target.Write(rest[..Math.Min(length - first.Length, rest.Length)], isWhole: false);
        return more > 0 ? copied + more : copied;
    }

    /// <summary>Takes out bytes that were looked at, and lets writers go on.</summary>
    public void Skip(int length)
    {
        int room = isTakenBack ? Room : 0;
        buffer.Skip(length);
        if (packets.Count > 0)
            DropPassed();
        Taken(room);
        Waiters.Wake();
    }

    /// <summary>Reads what is there: 0 when no writer is left, −EAGAIN when one might still write.</summary>
    public long Read(Span<byte> target)
    {
        if (target.IsEmpty)
            return 0;
        if (!TryEnter(reads: true))
            return -(long)Errno.EAGAIN;
        int room = isTakenBack ? Room : 0;
        int length = packets.Count == 0 ? buffer.Read(target) : ReadPacket(target);
        Leave(reads: true);
        if (length == 0)
            return Writers == 0 ? 0 : -(long)Errno.EAGAIN;
        Taken(room);
        Waiters.Wake();
        return length;
    }

    /// <summary>Writes what fits; short writes of up to <see cref="AtomicLength"/> bytes only as a whole.</summary>
    /// <param name="data">Bytes.</param>
    /// <param name="isWhole">True at the first try of a write: later tries move the rest of a long one.</param>
    public long Write(ReadOnlySpan<byte> data, bool isWhole = true)
    {
        if (Readers == 0)
            return -(long)Errno.EPIPE;
        if (data.IsEmpty)
            return 0;
        int direct = HandOver(data);
        data = data[direct..];
        if (data.IsEmpty)
            return direct;
        if (buffer.Capacity == 0)
            return direct > 0 ? direct : -(long)Errno.ENOMEM;
        if (!TryEnter(reads: false))
            return direct > 0 ? direct : -(long)Errno.EAGAIN;
        int free = Room;
        bool mustFit = isWhole && direct == 0 && data.Length <= AtomicLength;
        int length = mustFit && free < data.Length ? 0 : buffer.Write(data[..Math.Min(data.Length, free)]);
        Leave(reads: false);
        if (length == 0)
            return direct > 0 ? direct : -(long)Errno.EAGAIN;
        Put();
        Waiters.Wake();
        return direct + length;
    }

    /// <summary>POLL* bits of a read end.</summary>
    public ushort PollRead()
    {
        bool hasHungUp = Writers == 0 && WritersEver > 0;
        return (ushort)((Count > 0 ? PollEvents.Readable : 0) | (hasHungUp ? PollEvents.HangUp : 0));
    }

    /// <summary>POLL* bits of a write end: room for an atomic write, as Linux counts in pages.</summary>
    public ushort PollWrite()
    {
        Look();
        return (ushort)((Room >= AtomicLength ? PollEvents.Writable : 0) | (Readers == 0 ? PollEvents.Error : 0));
    }

    /// <summary>An end is opened.</summary>
    public void Open(bool reads, bool writes)
    {
        if (reads)
        {
            Readers++;
            ReadersEver++;
        }

        if (writes)
        {
            Writers++;
            WritersEver++;
        }

        buffer.SetEnds(Readers, Writers, WritersEver > 0);
        Waiters.Wake();
    }

    /// <summary>An end is closed: readers see the end of file, writers EPIPE.</summary>
    public void Close(bool reads, bool writes)
    {
        if (reads)
            Readers--;
        if (writes)
            Writers--;
        if (Readers == 0 && Writers == 0)
            Release();
        else
            buffer.SetEnds(Readers, Writers, WritersEver > 0);
        Waiters.Wake();
    }

    /// <summary>While nothing is buffered, a waiting reader gets the bytes straight from the writer's memory: one copy instead of two.</summary>
    private int HandOver(ReadOnlySpan<byte> data)
    {
        if (stream is not null || buffer.Count > 0)
            return 0;
        if (Waiters.First is not FileRequest { IsOpenForDelivery: true, File: PipeFile { CanRead: true } file } reader || file.Pipe != this)
            return 0;
        Span<byte> target = reader.Payload;
        int length = Math.Min(target.Length, data.Length);
        data[..length].CopyTo(target);
        reader.Deliver(length);
        return length;
    }
}
