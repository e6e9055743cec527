using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pipes;

/// <summary>A pipe or an open fifo, pipe(7).</summary>
public sealed class Pipe(PipeMemory budget)
{
    /// <summary>Writes up to this length are not mixed with others, pipe(7).</summary>
    public const int AtomicLength = 4096;

    private readonly PipeBuffer buffer = new(budget);

    /// <summary>Open read ends.</summary>
    public int Readers { get; private set; }

    /// <summary>Open write ends.</summary>
    public int Writers { get; private set; }

    /// <summary>Read ends ever opened: who waits for one in open(2) sees it even if it closed again at once.</summary>
    public int ReadersEver { get; private set; }

    /// <summary>Write ends ever opened.</summary>
    public int WritersEver { get; private set; }

    /// <summary>Requests that wait for data, room, or the other end.</summary>
    public WaitQueue Waiters { get; } = new();

    /// <summary>Bytes inside (FIONREAD).</summary>
    public int Count => buffer.Count;

    /// <summary>The oldest bytes in one piece.</summary>
    public ReadOnlySpan<byte> Peek() => buffer.Peek();

    /// <summary>Copies the oldest bytes into another pipe, as many as fit there, and leaves them here. −EAGAIN, −EPIPE or −ENOMEM as a write there.</summary>
    public long CopyTo(Pipe target, int length)
    {
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
        buffer.Skip(length);
        Waiters.Wake();
    }

    /// <summary>Reads what is there: 0 when no writer is left, −EAGAIN when one might still write.</summary>
    public long Read(Span<byte> target)
    {
        if (target.IsEmpty)
            return 0;
        if (buffer.Count == 0)
            return Writers == 0 ? 0 : -(long)Errno.EAGAIN;
        int length = buffer.Read(target);
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
        bool mustFit = isWhole && direct == 0 && data.Length <= AtomicLength;
        if (buffer.Free == 0 || (mustFit && buffer.Free < data.Length))
            return direct > 0 ? direct : -(long)Errno.EAGAIN;
        int length = buffer.Write(data);
        Waiters.Wake();
        return direct + length;
    }

    /// <summary>POLL* bits of a read end.</summary>
    public ushort PollRead() => (ushort)((buffer.Count > 0 ? PollEvents.Readable : 0) | (Writers == 0 && WritersEver > 0 ? PollEvents.HangUp : 0));

    /// <summary>POLL* bits of a write end: room for an atomic write, as Linux counts in pages.</summary>
    public ushort PollWrite() => (ushort)((buffer.Free >= AtomicLength ? PollEvents.Writable : 0) | (Readers == 0 ? PollEvents.Error : 0));

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
            buffer.Release();
        Waiters.Wake();
    }

    /// <summary>While nothing is buffered, a waiting reader gets the bytes straight from the writer's memory: one copy instead of two.</summary>
    private int HandOver(ReadOnlySpan<byte> data)
    {
        if (buffer.Count > 0 || Waiters.First is not FileRequest { IsOpenForDelivery: true, File: PipeFile { CanRead: true } file } reader || file.Pipe != this)
            return 0;
        Span<byte> target = reader.Payload;
        int length = Math.Min(target.Length, data.Length);
        data[..length].CopyTo(target);
        reader.Deliver(length);
        return length;
    }
}
