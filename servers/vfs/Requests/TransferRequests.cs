using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Requests;

/// <summary>sendfile(2), splice(2), copy_file_range(2), tee(2): bytes go from file to file without passing through the program.</summary>
public sealed class TransferRequests
{
    // One piece of a transfer: a pipe's worth, so that it fits the other side at once. A turn moves a bounded amount before others are served.
    private const int PieceLength = PipeBuffer.LargestCapacity;
    private const long MostPerTurn = 16 * PieceLength;
    private const ulong LongestTransfer = 1ul << 30, WaitsForNoPipe = 1ul << 63, OfRange = 1ul << 62;

    private readonly byte[] piece = new byte[PieceLength];

    /// <summary>Declares what is served here.</summary>
    public void Declare(OperationTable<VfsOperation, RequestHandler> operations)
    {
        operations.Add(VfsOperation.Transfer, Transfer);
        operations.Add(VfsOperation.Tee, Tee);
    }

    // A0 out, A1 its offset or −1, A2 in, A3 its offset or −1, A4 length, WaitsForNoPipe and OfRange.
    private long Transfer(Request request)
    {
        if (request.Find(request.Submission.A0) is not { CanWrite: true } target
            || request.FindSecond(request.Submission.A2) is not { CanRead: true } source)
            return Outcome.Of(Errno.EBADF);
        if (source.Inode.IsDirectory || target.Inode.IsDirectory)
            return Outcome.Of(Errno.EISDIR);
        if (!source.IsSeekable && source is not PipeFile)
            return Outcome.Of(Errno.EINVAL); // what it gives could not be put back if the target waits or fails
        bool isSamePipe = source is PipeFile from && target is PipeFile to && from.Pipe == to.Pipe;
        if (isSamePipe || ((target.Flags & OpenFlags.Append) != 0 && target.IsSeekable))
            return Outcome.Of((request.Submission.A4 & OfRange) != 0 ? Errno.EBADF : Errno.EINVAL);
        bool ownTarget = request.Submission.A1 == DataRequests.OwnOffset;
        bool ownSource = request.Submission.A3 == DataRequests.OwnOffset;
        if ((!ownTarget && !target.IsSeekable) || (!ownSource && !source.IsSeekable))
            return Outcome.Of(Errno.ESPIPE);
        if ((!ownTarget && (long)request.Submission.A1 < 0) || (!ownSource && (long)request.Submission.A3 < 0))
            return Outcome.Of(Errno.EINVAL);
        bool waitsForPipes = (request.Submission.A4 & WaitsForNoPipe) == 0;
        long total = (long)Math.Min(request.Submission.A4 & ~(WaitsForNoPipe | OfRange), LongestTransfer);
        for (long end = request.Progress + MostPerTurn; request.Progress < Math.Min(total, end);)
        {
            long targetAt = ownTarget ? target.Offset : (long)request.Submission.A1 + request.Progress;
            long sourceAt = ownSource ? source.Offset : (long)request.Submission.A3 + request.Progress;
            int length = (int)Math.Min(PieceLength, total - request.Progress);
            long room = FileSizeLimit.Room(request, target, targetAt, length);
            OpenFile blocked = target;
            long moved = room < 0 ? room : Move(request, target, targetAt, source, sourceAt, (int)room, out blocked);
            if (moved == Outcome.Of(Errno.EAGAIN))
            {
                // Bytes that have been moved are the answer; only an empty-handed transfer waits.
                bool gives = blocked is PipeFile { IsHeld: false } && !waitsForPipes;
                return request.Progress > 0 ? Moved(request, target, source) : gives ? moved : request.WaitOr(blocked, moved);
            }

            if (moved <= 0)
                return request.Progress > 0 ? Moved(request, target, source) : moved;
            request.Progress += moved;
            if (ownTarget && target.IsSeekable)
                target.Offset += moved;
            if (ownSource && source.IsSeekable)
                source.Offset += moved;
        }

        if (request.Progress == total)
            return Moved(request, target, source);
        request.MakeReady();
        return Outcome.Waiting;
    }

    // Whoever had an offset in memory has it there again, and may go on there.
    private static long Moved(Request request, OpenFile target, OpenFile source)
    {
        ulong toHandle = request.Submission.A0, fromHandle = request.Submission.A2;
        FileAreaRequests.LendAgain(request, target, toHandle);
        FileAreaRequests.LendAgain(request, source, fromHandle);
        // The target first: to be lent for writing conceals the file.
        request.V2 = FileAreaRequests.Told(request, target, toHandle, VfsOperation.Write);
        request.V1 = FileAreaRequests.Told(request, source, fromHandle, VfsOperation.Read);
        return request.Progress;
    }

    // A0 out, A1 in, A2 length, A3 1 = does not wait.
    private static long Tee(Request request)
    {
        if (request.Find(request.Submission.A0) is not { CanWrite: true } target
            || request.FindSecond(request.Submission.A1) is not { CanRead: true } source)
            return Outcome.Of(Errno.EBADF);
        if (target is not PipeFile { Pipe: { } to } || source is not PipeFile { Pipe: { } from } || to == from)
            return Outcome.Of(Errno.EINVAL);
        bool isEmpty = from.Count == 0; // what programs put in meanwhile is found at the next try
        long result = !isEmpty ? from.CopyTo(to, (int)Math.Min(request.Submission.A2, LongestTransfer)) : from.Writers > 0 ? Outcome.Of(Errno.EAGAIN)
            : to.Readers == 0 ? Outcome.Of(Errno.EPIPE) : 0;
        bool isHeld = !isEmpty && (from.IsHeld || to.IsHeld);
        if (result != Outcome.Of(Errno.EAGAIN) || (!isHeld && (request.Submission.A3 != 0 || source.IsNonBlocking || target.IsNonBlocking)))
            return result;
        request.WaitIn(isEmpty || from.IsHeld ? from.Waiters : to.Waiters);
        return Outcome.Waiting;
    }

    private long Move(Request request, OpenFile target, long targetAt, OpenFile source, long sourceAt, int length, out OpenFile blocked)
    {
        blocked = target;
        if (source is PipeFile pipe)
            return MoveFromPipe(request, target, targetAt, pipe, length, ref blocked);

        // What does not fit the target must not be taken from the source: a file can be read again, so only the offset counts.
        if (target is PipeFile { Pipe: var full } && (full.PollWrite() & PollEvents.Out) == 0)
            return full.Readers == 0 ? Outcome.Of(Errno.EPIPE) : Outcome.Of(Errno.EAGAIN);
        // Within one file both could overlap.
        ReadOnlySpan<byte> there = source.Inode == target.Inode ? default : source.Peek(sourceAt, length);
        if (there.IsEmpty)
        {
            long read = source.Read(request, piece.AsSpan(0, length), sourceAt);
            if (read == Outcome.Of(Errno.EAGAIN))
                blocked = source;
            if (read <= 0)
                return read;
            there = piece.AsSpan(0, (int)read);
        }

        return target is PipeFile sink ? sink.Pipe.Write(there, isWhole: false) : target.Write(request, there, targetAt);
    }

    private long MoveFromPipe(Request request, OpenFile target, long targetAt, PipeFile source, int length, ref OpenFile blocked)
    {
        if (!source.Pipe.TryEnter(reads: true))
        {
            blocked = source;
            return Outcome.Of(Errno.EAGAIN);
        }

        long moved = MoveHeld(request, target, targetAt, source, length, ref blocked);
        source.Pipe.Leave(reads: true);
        return moved;
    }

    private long MoveHeld(Request request, OpenFile target, long targetAt, PipeFile source, int length, ref OpenFile blocked)
    {
        ReadOnlySpan<byte> bytes = source.Pipe.Peek();
        if (bytes.IsEmpty)
        {
            blocked = source;
            return source.Pipe.Writers == 0 ? 0 : Outcome.Of(Errno.EAGAIN);
        }

        length = Math.Min(length, source.Pipe.RunAt(0, out bool isPacket));
        if (isPacket)
        {
            // In one piece, wherever it lies.
            source.Pipe.CopyOut(piece.AsSpan(0, length), 0);
            bytes = piece;
        }

        bytes = bytes[..Math.Min(bytes.Length, length)];
        long written = target is not PipeFile sink ? target.Write(request, bytes, targetAt)
            : isPacket ? sink.Pipe.WritePackets(bytes) : sink.Pipe.Write(bytes, isWhole: false);
        if (written > 0)
            source.Pipe.Skip((int)written);
        return written;
    }
}
