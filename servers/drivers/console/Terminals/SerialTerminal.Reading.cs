using Servers.Drivers.Console.Discipline;

namespace Servers.Drivers.Console.Terminals;

/// <summary>Reads: canonical ones get a line, raw ones wait for VMIN bytes or VTIME, termios(3).</summary>
public sealed partial class SerialTerminal
{
    private const int LongestRead = 4096;
    private readonly byte[] readBuffer = new byte[LongestRead];

    /// <summary>Sets the timer of VTIME to tenths of a second from now; 0 cancels it.</summary>
    public Action<int>? SetReadTimer { get; set; }

    /// <summary>VTIME has passed since the last byte (or since the read, with VMIN 0).</summary>
    public void ReadTimerExpired()
    {
        if (readers.Count == 0)
            return;
        if (discipline.Minimum == 0 || discipline.Available > 0)
            AnswerFirst();
        AnswerReaders();
    }

    private void AnswerReaders()
    {
        while (readers.Count > 0)
        {
            ConsoleRequest request = readers[0];
            if (jobs.CheckBackground(request, JobControl.Sigttin) is var refused and not 0)
            {
                readers.RemoveAt(0);
                request.Complete(refused);
                continue;
            }

            const ulong doNotWait = 1;
            bool enough = IsEnough(request);
            bool waits = (request.Submission.A3 & doNotWait) == 0;
            if (!enough && waits)
            {
                ArmTimer();
                break;
            }

            if (!enough && !(discipline.Available > 0 && !discipline.IsCanonical))
            {
                readers.RemoveAt(0);
                request.Complete(Eagain);
                continue;
            }

            AnswerFirst();
        }

        PublishReadiness();
    }

    private bool IsEnough(ConsoleRequest request)
    {
        if (discipline.IsCanonical)
            return discipline.IsReadable;
        if (discipline.Minimum == 0)
            return discipline.Available > 0 || discipline.Time == 0;
        return discipline.Available >= Math.Min(discipline.Minimum, Math.Max(request.Buffer.Length, 1));
    }

    // VMIN > 0, VTIME > 0: the time starts with the first byte; VMIN = 0, VTIME > 0: with the read.
    private void ArmTimer()
    {
        bool timed = !discipline.IsCanonical && discipline.Time > 0 && (discipline.Minimum == 0 || discipline.Available > 0);
        if (timed)
            SetReadTimer?.Invoke(discipline.Time);
    }

    private void AnswerFirst()
    {
        ConsoleRequest request = readers[0];
        readers.RemoveAt(0);
        SetReadTimer?.Invoke(0);
        Span<byte> target = request.Buffer;
        int length = discipline.Read(readBuffer.AsSpan(0, Math.Min(target.Length, LongestRead)));
        readBuffer.AsSpan(0, length).CopyTo(target);
        PublishReadiness();
        request.Complete(length);
    }
}
