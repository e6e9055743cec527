using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Terminals;

/// <summary>Reads and writes, termios(3): a canonical read gets a line, a raw one waits for VMIN bytes or VTIME; writes do not mix.</summary>
public sealed partial class Terminal : IRequestState
{
    private const long TenthOfASecond = 100_000_000;

    // The request that writes now: others wait until all of its bytes are on their way.
    private FileRequest? writer;

    /// <summary>read(2). <paramref name="isFree"/>: job control does not matter (/dev/console).</summary>
    public long Read(FileRequest request, OpenFile file, bool isFree)
    {
        if (!Line.IsPresent)
            return -(long)Errno.EIO;
        if (!isFree && CheckBackground(request, Signals.SIGTTIN) is var verdict and not 0)
            return verdict == Outcome.Waiting ? Wait(request, file) : verdict;
        long result = discipline.IsCanonical ? ReadLine(request, file) : ReadRaw(request, file);
        Line.InputWanted();
        return result;
    }

    /// <summary>write(2).</summary>
    public long Write(FileRequest request, OpenFile file, bool isFree)
    {
        if (!Line.IsPresent)
            return -(long)Errno.EIO;
        bool isChecked = !isFree && (discipline.Settings.Local & LocalFlags.StopBackgroundOutput) != 0;
        if (isChecked && CheckBackground(request, Signals.SIGTTOU) is var verdict and not 0)
            return verdict == Outcome.Waiting ? Wait(request, file) : verdict;
        if (writer != null && writer != request)
            return file.IsNonBlocking ? -(long)Errno.EAGAIN : Wait(request, file);
        ReadOnlySpan<byte> rest = request.Payload[(int)request.Progress..];
        request.Progress += discipline.Output.IsRaw ? Line.Add(rest[..Math.Min(rest.Length, Line.Room)]) : WriteProcessed(rest);
        if (request.Progress == request.Payload.Length)
            return request.Progress;
        if (file.IsNonBlocking)
            return request.Progress > 0 ? request.Progress : -(long)Errno.EAGAIN;
        writer = request;
        request.State = this;
        return Wait(request, file);
    }

    /// <summary>A write has ended, one way or the other.</summary>
    void IRequestState.Abandon(OperationContext request)
    {
        if (writer != request)
            return;
        writer = null;
        Waiters.Wake();
    }

    private int WriteProcessed(ReadOnlySpan<byte> data)
    {
        Span<byte> processed = stackalloc byte[OutputProcessor.LongestExpansion];
        int done = 0;
        for (int room = Line.Room; done < data.Length && room >= OutputProcessor.LongestExpansion;)
        {
            ReadOnlySpan<byte> rest = data[done..];
            int plain = discipline.Output.PassPlainRun(rest[..Math.Min(rest.Length, room)]);
            if (plain > 0)
            {
                Line.Add(rest[..plain]);
                done += plain;
                room -= plain;
                continue;
            }

            int length = discipline.Output.Process(data[done], processed);
            Line.Add(processed[..length]);
            room -= length;
            done++;
        }

        return done;
    }

    private long ReadLine(FileRequest request, OpenFile file)
    {
        if (request.Progress > 0)
            return request.Progress; // it left raw mode in the middle
        if (discipline.HasLine)
            return discipline.Read(request.Payload);
        return file.IsNonBlocking ? -(long)Errno.EAGAIN : Wait(request, file);
    }

    private long ReadRaw(FileRequest request, OpenFile file)
    {
        Span<byte> target = request.Payload[(int)request.Progress..];
        int length = discipline.Read(target);
        request.Progress += length;
        int minimum = discipline.Minimum;
        bool isEnough = request.Progress >= Math.Max(minimum, 1) || length == target.Length;
        if (isEnough || (minimum == 0 && discipline.Time == 0))
            return request.Progress;
        if (file.IsNonBlocking)
            return request.Progress > 0 ? request.Progress : -(long)Errno.EAGAIN;

        // VMIN = 0: the time starts with the read. VMIN > 0: with each byte, the first one included.
        bool isTimed = discipline.Time > 0 && (minimum == 0 || request.Progress > 0);
        if (isTimed)
        {
            long now = clock.Monotonic;
            var deadline = request.State as ReadDeadline;
            if (deadline == null || length > 0)
                request.State = deadline = new ReadDeadline(now + discipline.Time * TenthOfASecond);
            if (now >= deadline.Time)
                return request.Progress;
            alarm.Set(deadline.Time);
        }

        return Wait(request, file);
    }

    private sealed record ReadDeadline(long Time);
}
