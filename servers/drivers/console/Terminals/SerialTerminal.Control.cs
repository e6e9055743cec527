using System.Buffers.Binary;
using Libsys.Messages;
using Servers.Drivers.Console.Discipline;

namespace Servers.Drivers.Console.Terminals;

/// <summary>Terminal ioctls, tty_ioctl(4).</summary>
public sealed partial class SerialTerminal
{
    private const uint GetTermios = 0x5401, SetTermios = 0x5402, SetTermiosDrain = 0x5403, SetTermiosFlush = 0x5404, SendBreak = 0x5409, FlowControl = 0x540A,
        Flush = 0x540B, SetControlling = 0x540E, GetForeground = 0x540F, SetForeground = 0x5410, BytesQueued = 0x5411, GetWindowSize = 0x5413,
        SetWindowSize = 0x5414, GetModem = 0x5415, BytesReadable = 0x541B, GetDiscipline = 0x5424, SendBreakPosix = 0x5425, GiveUp = 0x5422, GetSession = 0x5429,
        SetDiscipline = 0x5423, GetSerial = 0x541E, Exclusive = 0x540C, NotExclusive = 0x540D;

    private const long Eperm = -1, Einval = -22, Enotty = -25, Efault = -14;
    private const int WindowSizeLength = 8;

    private readonly byte[] windowSize = new byte[WindowSizeLength];

    private void Control(ConsoleRequest request)
    {
        uint operation = (uint)request.Submission.A3;
        if (IsChange(operation) && jobs.CheckBackground(request, JobControl.Sigttou) is var refused and not 0)
        {
            request.Complete(refused);
            return;
        }

        // Those that wait for the output to leave are answered when it has.
        bool waits = operation is SetTermiosDrain or SetTermiosFlush || (operation is SendBreak or SendBreakPosix && request.Submission.A4 != 0);
        if (waits)
        {
            drains.Add(request);
            Pump();
            return;
        }

        request.Complete(ControlNow(request, operation));
        Pump();
        AnswerReaders();
    }

    // TIOCSPGRP is left out: who calls it from the background is a shell's child, which ignores SIGTTOU then, and dispositions are not known here.
    private static bool IsChange(uint operation) =>
        operation is SetTermios or SetTermiosDrain or SetTermiosFlush or Flush or SendBreak or SendBreakPosix or FlowControl;

    private void FinishAfterDrain(ConsoleRequest request)
    {
        uint operation = (uint)request.Submission.A3;
        if (operation is SendBreak or SendBreakPosix)
        {
            request.Complete(0);
            return;
        }

        if (operation == SetTermiosFlush)
            discipline.FlushInput();
        request.Complete(Change(request));
        AnswerReaders();
    }

    private long ControlNow(ConsoleRequest request, uint operation)
    {
        Span<byte> buffer = request.Buffer;
        switch (operation)
        {
            case GetTermios:
                if (buffer.Length < Termios.Length)
                    return Efault;
                discipline.Settings.Write(buffer);
                return 0;
            case SetTermios:
                return Change(request);
            case GetWindowSize:
                return Put(buffer, windowSize);
            case SetWindowSize:
                return SetSize(buffer);
            case BytesReadable:
                return PutInt(buffer, discipline.Available);
            case BytesQueued:
                return PutInt(buffer, output.Count);
            case GetModem:
                const int lines = 0x166; // DTR, RTS, CTS, CAR, DSR: a line that is always there
                return PutInt(buffer, lines);
            case GetDiscipline:
                return PutInt(buffer, 0); // N_TTY
            case SetDiscipline:
                return buffer.Length >= sizeof(int) && BinaryPrimitives.ReadInt32LittleEndian(buffer) == 0 ? 0 : Einval;
            case SendBreak or SendBreakPosix or Exclusive or NotExclusive:
                return 0;
            case Flush:
                return FlushQueues(request.Submission.A4);
            case FlowControl:
                return StopOrStart(request.Submission.A4);
            default:
                return ControlSession(request, operation, buffer);
        }
    }

    private long ControlSession(ConsoleRequest request, uint operation, Span<byte> buffer)
    {
        bool isLeader = (request.Submission.Flags & ConsoleLimits.LeaderFlag) != 0;
        bool isOwn = jobs.Session != 0 && request.Session == jobs.Session;
        switch (operation)
        {
            case SetControlling:
                if (isOwn && isLeader)
                    return 0;
                const ulong steal = 1; // with CAP_SYS_ADMIN, a terminal can be taken from another session
                bool mayTake = jobs.Session == 0
                    || (request.Submission.A4 == steal && (request.Submission.Flags & ConsoleLimits.PrivilegedFlag) != 0);
                if (!isLeader || !mayTake)
                    return Eperm;
                jobs.Claim(request.Session, request.Group);
                return 0;
            case GiveUp:
                if (!isOwn)
                    return Enotty;
                if (isLeader)
                    jobs.Release(request.Session);
                return 0;
            case GetForeground:
                return isOwn ? PutInt(buffer, (int)jobs.Foreground) : Enotty;
            case SetForeground:
                if (!isOwn)
                    return Enotty;
                if (buffer.Length < sizeof(int))
                    return Efault;
                int group = BinaryPrimitives.ReadInt32LittleEndian(buffer);
                if (group <= 0)
                    return Einval;
                jobs.Foreground = (uint)group;
                return 0;
            case GetSession:
                return isOwn ? PutInt(buffer, (int)jobs.Session) : Enotty;
            default:
                return Enotty;
        }
    }

    private long Change(ConsoleRequest request)
    {
        Span<byte> copy = stackalloc byte[Termios.Length];
        if (request.Buffer.Length < Termios.Length)
            return Efault;
        request.Buffer[..Termios.Length].CopyTo(copy);
        discipline.Change(copy);
        return 0;
    }

    private long SetSize(ReadOnlySpan<byte> buffer)
    {
        const int sigwinch = 28;
        if (buffer.Length < WindowSizeLength)
            return Efault;
        bool isNew = !buffer[..WindowSizeLength].SequenceEqual(windowSize);
        buffer[..WindowSizeLength].CopyTo(windowSize);
        if (isNew)
            jobs.SignalForeground(sigwinch);
        return 0;
    }

    private long FlushQueues(ulong which)
    {
        const ulong input = 0, outputOnly = 1, both = 2;
        if (which > both)
            return Einval;
        if (which is input or both)
            discipline.FlushInput();
        if (which is outputOnly or both)
            output.Clear();
        return 0;
    }

    private long StopOrStart(ulong action)
    {
        const ulong outputOff = 0, outputOn = 1, inputOn = 3;
        if (action > inputOn)
            return Einval;
        if (action is outputOff or outputOn)
            discipline.SetStopped(action == outputOff);
        return 0;
    }

    private static long PutInt(Span<byte> buffer, int value) =>
        buffer.Length >= sizeof(int) && BinaryPrimitives.TryWriteInt32LittleEndian(buffer, value) ? 0 : Efault;

    private static long Put(Span<byte> buffer, ReadOnlySpan<byte> value) => value.TryCopyTo(buffer) ? 0 : Efault;
}
