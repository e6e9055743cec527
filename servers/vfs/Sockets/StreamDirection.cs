using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;

namespace Servers.Vfs.Sockets;

/// <summary>
/// One direction of a stream: its bytes, and what comes with some of them. Programs may read and write the bytes in memory, where they stop before the first
/// that come with descriptors: docs/unix-sockets.md.
/// </summary>
/// <param name="pipe">The bytes.</param>
/// <param name="inFlight">Descriptors on their way.</param>
public sealed class StreamDirection(Pipe pipe, InFlightFiles inFlight)
{
    // What a sender without descriptors can make vfs keep beside the bytes: more wait as if there were no room.
    private const int MostMarks = 256;

    private readonly List<StreamMark> marks = [];

    /// <summary>The bytes.</summary>
    public Pipe Pipe => pipe;

    /// <summary>Descriptors that nobody has received yet.</summary>
    public IEnumerable<SocketRights> Rights => marks.Where(mark => mark.Rights is not null).Select(mark => mark.Rights!);

    /// <summary>Puts bytes in, with what comes with them.</summary>
    public long Write(ReadOnlySpan<byte> data, SocketRights? rights, SocketIdentity? sender)
    {
        if (rights is null && sender is null)
            return pipe.Write(data);
        if (data.IsEmpty)
            return 0;
        if (marks.Count >= MostMarks)
        {
            DropPassed();
            if (marks.Count >= MostMarks)
                return pipe.Readers == 0 ? -(long)Errno.EPIPE : -(long)Errno.EAGAIN;
        }

        long length = pipe.WriteAt(data, rights is not null, out uint start);
        if (length > 0)
            Add(new StreamMark(start, unchecked(start + (uint)length), rights, sender));
        return length;
    }

    /// <summary>Takes bytes out, up to the end of those that come with descriptors, or to those of another sender if the receiver wants to know.</summary>
    public long Read(Span<byte> target, bool isPeek, bool wantsSender, ref IncomingMessage message)
    {
        if (!pipe.TryEnter(reads: true))
            return -(long)Errno.EAGAIN;
        DropPassed();
        (uint head, uint tail) = pipe.Indices;
        uint at = head;
        bool isOver = false;
        for (int next = 0; !isOver && at != tail && unchecked(at - head) < (uint)target.Length;)
        {
            StreamMark? mark = next < marks.Count ? marks[next] : null;
            bool isInside = mark is not null && !IsBefore(at, mark.Start);
            if (wantsSender)
            {
                SocketIdentity sender = isInside ? mark!.Sender ?? SocketIdentity.Nobody : SocketIdentity.Nobody;
                if (message.Sender is { } known && known != sender)
                    break;
                message.Sender = sender;
            }

            // Others write the indices: what makes no sense ends where the bytes do.
            uint end = mark is null ? tail : isInside ? mark.End : mark.Start;
            uint length = Math.Min(Math.Min(unchecked(end - at), unchecked(tail - at)), (uint)target.Length - unchecked(at - head));
            if (isInside && mark!.Rights is { } rights)
            {
                message.Rights = Hand(rights, isPeek);
                marks[next] = isPeek ? mark : mark with { Rights = null };
                isOver = true;
            }

            pipe.CopyOut(target.Slice((int)unchecked(at - head), (int)length), (int)unchecked(at - head));
            at = unchecked(at + length);
            if (isInside && !IsBefore(at, mark!.End))
                next++;
        }

        int taken = (int)unchecked(at - head);
        if (taken > 0 && !isPeek)
            pipe.Skip(taken);
        if (!isPeek)
            DropPassed();
        pipe.Leave(reads: true);
        return taken > 0 || (target.IsEmpty && head != tail) ? taken : -(long)Errno.EAGAIN;
    }

    /// <summary>Nobody will read any more.</summary>
    public void DropRights()
    {
        for (int index = 0; index < marks.Count; index++)
        {
            if (marks[index].Rights is not { } rights)
                continue;
            marks[index] = marks[index] with { Rights = null };
            inFlight.Drop(rights);
        }
    }

    private static bool IsBefore(uint index, uint other) => unchecked((int)(index - other)) < 0;

    private OpenFile[] Hand(SocketRights rights, bool isPeek)
    {
        if (!isPeek)
            return inFlight.Land(rights);
        foreach (OpenFile file in rights.Files)
            file.AddReference();
        return rights.Files;
    }

    private void Add(StreamMark mark)
    {
        bool continues = marks.Count > 0 && mark.Rights is null && marks[^1] is { Rights: null } last && last.Sender == mark.Sender && last.End == mark.Start;
        if (continues)
            marks[^1] = marks[^1] with { End = mark.End };
        else
            marks.Add(mark);
    }

    // What lies before the reader's index is gone, whoever has moved that; and who reads in memory stops before the next that has descriptors.
    private void DropPassed()
    {
        uint head = pipe.Indices.Head;
        int passed = 0;
        while (passed < marks.Count && !IsBefore(head, marks[passed].End))
        {
            if (marks[passed].Rights is { } rights)
                inFlight.Drop(rights);
            passed++;
        }

        marks.RemoveRange(0, passed);
        pipe.SetMark(marks.Find(mark => mark.Rights is not null)?.Start);
    }

    private sealed record StreamMark(uint Start, uint End, SocketRights? Rights, SocketIdentity? Sender);
}
