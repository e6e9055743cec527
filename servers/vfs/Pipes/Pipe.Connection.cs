using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Pipes;

// One direction of a connection of sockets: both ends belong to files that have another direction, too. docs/unix-sockets.md.
public sealed partial class Pipe
{
    private int holders;
    private uint asks;
    private uint? mark;

    /// <summary>Index of the next byte to read, and the one behind the last byte written; both run freely.</summary>
    public (uint Head, uint Tail) Indices => buffer.Indices;

    /// <summary>Room for bytes.</summary>
    public int Free => Look().Free;

    /// <summary>
    /// Two directions of a connection, with one queue for both, and both sockets: who waits in it has all changes of programs rung for. Both ends of each are
    /// open, and two files hold it until each has called <see cref="LetGo"/>.
    /// </summary>
    public static (Pipe There, Pipe Back) ConnectBoth(PipeMemory budget)
    {
        Pipe there = null!, back = null!;
        var queue = new WaitQueue
        {
            Joined = () =>
            {
                there.Watch();
                back.Watch();
            },
        };
        there = new Pipe(budget, queue);
        back = new Pipe(budget, queue);
        there.Connect();
        back.Connect();
        return (there, back);
    }

    private void Connect()
    {
        holders = 2;
        Open(reads: true, writes: true);
    }

    /// <summary>Nobody writes any more, and what was written can still be read.</summary>
    public void Shut()
    {
        if (Readers == 0 && Writers == 0)
            return;
        Readers = Writers = 0;
        buffer.SetEnds(0, 0, hasHadWriter: true);
        Waiters.Wake();
    }

    /// <summary>One of the two files is gone; with the last one, the memory.</summary>
    public void LetGo(OpenFile file)
    {
        Forget(file);
        if (--holders == 0)
            Release();
    }

    /// <summary>A try begins that may wait for this pipe without looking at it: what programs change from now on is noticed.</summary>
    public void NoteChanges()
    {
        IsHeld = false;
        seen = stream?.Changes ?? default;
        stream?.Settle();
    }

    /// <summary>What programs ask a message for: <see cref="StreamLayout.ReadersAsk"/> and its like.</summary>
    public void SetAsks(uint bits, bool on)
    {
        asks = on ? asks | bits : asks & ~bits;
        ShowWords();
        stream?.AnnounceAll();
    }

    /// <summary>Where the first bytes are that programs must not take by themselves; null: nowhere. Held: between TryEnter and Leave.</summary>
    public void SetMark(uint? index)
    {
        mark = index;
        ShowWords();
    }

    /// <summary>
    /// Writes what fits, with the place where it begins. If <paramref name="isMarked"/>, programs that read stop before it (unless they stop earlier already):
    /// that is published before the bytes are.
    /// </summary>
    public long WriteAt(ReadOnlySpan<byte> data, bool isMarked, out uint start)
    {
        start = 0;
        if (Readers == 0)
            return -(long)Errno.EPIPE;
        if (buffer.Capacity == 0)
            return -(long)Errno.ENOMEM;
        if (!TryEnter(reads: false))
            return -(long)Errno.EAGAIN;
        start = buffer.Indices.Tail;
        int length = 0;
        if (buffer.Free > 0)
        {
            if (isMarked && mark is null)
                SetMark(start);
            length = buffer.Write(data);
        }

        Leave(reads: false);
        if (length == 0)
            return -(long)Errno.EAGAIN;
        Waiters.Wake();
        return length;
    }

    /// <summary>Copies bytes that begin so far behind the oldest. Between <see cref="TryEnter"/> and <see cref="Leave"/>.</summary>
    public int CopyOut(Span<byte> target, int from)
    {
        ReadOnlySpan<byte> first = buffer.Peek(), rest = buffer.PeekRest();
        int skipped = Math.Min(from, first.Length);
        first = first[skipped..];
        rest = rest[Math.Min(from - skipped, rest.Length)..];
        first = first[..Math.Min(first.Length, target.Length)];
        first.CopyTo(target);
        rest = rest[..Math.Min(rest.Length, target.Length - first.Length)];
        rest.CopyTo(target[first.Length..]);
        return first.Length + rest.Length;
    }

    // The mark before the bit that says so: docs/unix-sockets.md.
    private void ShowWords()
    {
        if (stream is null)
            return;
        if (mark is { } index)
            stream.Page.Memory.WriteUInt32(StreamLayout.Mark, index);
        stream.Page.Memory.WriteUInt32(StreamLayout.SendBuffer, sendBuffer);
        stream.Page.Memory.WriteUInt32(StreamLayout.Asks, asks | (mark is null ? 0 : StreamLayout.HasMark));
    }
}
