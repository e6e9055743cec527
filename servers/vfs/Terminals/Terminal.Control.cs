using System.Buffers.Binary;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Terminals;

/// <summary>ioctl(2) on terminals, tty_ioctl(4).</summary>
public sealed partial class Terminal
{
    private const int WindowSizeLength = 8;
    private readonly byte[] windowSize = new byte[WindowSizeLength];

    /// <summary>Serves a request through the terminal itself, or through the master of a pseudo-terminal.</summary>
    public long Control(FileRequest request, OpenFile file, bool isMaster, uint operation, ulong argument)
    {
        if (request.State is not DrainWait)
        {
            bool isChange = TerminalRequest.IsChange(operation);
            if (isChange && CheckBackground(request, Signals.SIGTTOU) is var verdict and not 0)
            {
                if (verdict == Outcome.Waiting)
                    return Wait(request, file);
                return operation == TerminalRequest.SetForeground ? -(long)Errno.ENOTTY : verdict;
            }
        }

        if (TerminalRequest.WaitsForOutput(operation) && !IsDrained(request))
            return Wait(request, file);
        return Serve(request, file, isMaster, operation, argument);
    }

    private bool IsDrained(FileRequest request)
    {
        if (request.State is not DrainWait drain)
            request.State = drain = new DrainWait(Line.Mark);
        return !Line.IsPresent || Line.HasLeft(drain.Mark);
    }

    private long Serve(FileRequest request, OpenFile file, bool isMaster, uint operation, ulong argument)
    {
        Span<byte> buffer = request.Payload;
        switch (operation)
        {
            case TerminalRequest.GetTermios:
                return Get(buffer, Termios.Length);
            case TerminalRequest.GetTermios2:
                return Get(buffer, Termios.LongLength);
            case TerminalRequest.GetTermio:
                return Get(buffer, Termios.OldLength);
            case TerminalRequest.SetTermios or TerminalRequest.SetTermiosDrain or TerminalRequest.SetTermiosFlush:
                return Set(buffer, Termios.Length, operation == TerminalRequest.SetTermiosFlush);
            case TerminalRequest.SetTermios2 or TerminalRequest.SetTermios2Drain or TerminalRequest.SetTermios2Flush:
                return Set(buffer, Termios.LongLength, operation == TerminalRequest.SetTermios2Flush);
            case TerminalRequest.SetTermio or TerminalRequest.SetTermioDrain or TerminalRequest.SetTermioFlush:
                return Set(buffer, Termios.OldLength, operation == TerminalRequest.SetTermioFlush);
            case TerminalRequest.GetWindowSize:
                return windowSize.AsSpan().TryCopyTo(buffer) ? 0 : -(long)Errno.EFAULT;
            case TerminalRequest.SetWindowSize:
                return SetWindowSize(buffer);
            case TerminalRequest.BytesReadable:
                return Put(buffer, discipline.Available);
            case TerminalRequest.BytesQueued:
                return Put(buffer, Line.Queued);
            case TerminalRequest.GetDiscipline:
                return Put(buffer, 0); // N_TTY
            case TerminalRequest.SetDiscipline:
                return TryGet(buffer, out int number) ? (number == 0 ? 0 : -(long)Errno.EINVAL) : -(long)Errno.EFAULT;
            case TerminalRequest.SendBreak or TerminalRequest.SendBreakPosix or TerminalRequest.StartBreak or TerminalRequest.StopBreak:
                return 0;
            case TerminalRequest.Flush:
                return FlushQueues(argument);
            case TerminalRequest.FlowControl:
                return StopOrStart(argument);
            case TerminalRequest.SetExclusive or TerminalRequest.ClearExclusive:
                IsExclusive = operation == TerminalRequest.SetExclusive;
                return 0;
            case TerminalRequest.GetExclusive:
                return Put(buffer, IsExclusive ? 1 : 0);
            case TerminalRequest.SimulateInput:
                return SimulateInput(request);
            case TerminalRequest.GetSoftCarrier:
                return Put(buffer, discipline.Settings.IgnoresModemLines ? 1 : 0);
            case TerminalRequest.GetModem when Line.HasModemLines:
                const int allUp = 0x166; // DTR, RTS, CTS, CAR, DSR: a line that is always there
                return Put(buffer, allUp);
            case TerminalRequest.SetModem or TerminalRequest.SetModemBits or TerminalRequest.ClearModemBits when Line.HasModemLines:
                return 0;
            case TerminalRequest.VirtualHangUp:
                if (!request.Process.Credentials.IsPrivileged)
                    return -(long)Errno.EPERM;
                HangUp();
                return 0;
            default:
                return ServeSession(request.Process, file, isMaster, operation, argument, buffer);
        }
    }

    private long ServeSession(ClientProcess process, OpenFile file, bool isMaster, uint operation, ulong argument, Span<byte> buffer)
    {
        switch (operation)
        {
            case TerminalRequest.SetControlling:
                return SetControlling(process, file, argument);
            case TerminalRequest.GiveUp:
                if (!jobs.Controls(process))
                    return -(long)Errno.ENOTTY;
                if (process.IsSessionLeader)
                    jobs.GiveUp();
                else
                    process.HasGivenUpTerminal = true;
                return 0;
            case TerminalRequest.GetForeground:
                return isMaster || jobs.Controls(process) ? Put(buffer, (int)jobs.Foreground) : -(long)Errno.ENOTTY;
            case TerminalRequest.SetForeground:
                if (!TryGet(buffer, out int group))
                    return -(long)Errno.EFAULT;
                long result = jobs.SetForeground(process, group);
                Waiters.Wake();
                return result;
            case TerminalRequest.GetSession:
                bool isKnown = (isMaster || jobs.Controls(process)) && jobs.Session != 0;
                return isKnown ? Put(buffer, (int)jobs.Session) : -(long)Errno.ENOTTY;
            default:
                return -(long)Errno.ENOTTY;
        }
    }

    private long SetControlling(ClientProcess process, OpenFile file, ulong argument)
    {
        if (process.IsSessionLeader && jobs.Controls(process))
            return 0;
        const ulong steal = 1; // with CAP_SYS_ADMIN, a terminal can be taken from another session
        bool isFree = jobs.Session == 0 || (argument == steal && process.Credentials.IsPrivileged);
        bool isAllowed = file.CanRead || process.Credentials.IsPrivileged;
        if (!process.IsSessionLeader || table.Of(process) != null || !isFree || !isAllowed)
            return -(long)Errno.EPERM;
        jobs.Claim(process);
        return 0;
    }

    private long Get(Span<byte> buffer, int length)
    {
        if (buffer.Length < length)
            return -(long)Errno.EFAULT;
        discipline.Settings.Write(buffer[..length]);
        return 0;
    }

    private long Set(ReadOnlySpan<byte> buffer, int length, bool flushes)
    {
        Span<byte> copy = stackalloc byte[Termios.LongLength];
        if (buffer.Length < length)
            return -(long)Errno.EFAULT;
        buffer[..length].CopyTo(copy);
        if (flushes)
        {
            discipline.FlushInput();
            Line.FlushInput();
        }

        bool hadFlowControl = discipline.HasFlowControl;
        discipline.Change(copy[..length]);
        Line.SettingsChanged(hadFlowControl != discipline.HasFlowControl);
        Line.InputWanted();
        Waiters.Wake();
        return 0;
    }

    private long SetWindowSize(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length < WindowSizeLength)
            return -(long)Errno.EFAULT;
        Span<byte> copy = stackalloc byte[WindowSizeLength];
        buffer[..WindowSizeLength].CopyTo(copy);
        if (copy.SequenceEqual(windowSize))
            return 0;
        copy.CopyTo(windowSize);
        jobs.SignalForeground(Signals.SIGWINCH);
        return 0;
    }

    private long SimulateInput(FileRequest request)
    {
        if (!jobs.Controls(request.Process) && !request.Process.Credentials.IsPrivileged)
            return -(long)Errno.EPERM;
        if (request.Payload.IsEmpty)
            return -(long)Errno.EFAULT;
        Receive([request.Payload[0]]);
        return 0;
    }

    private long FlushQueues(ulong which)
    {
        const ulong input = 0, output = 1, both = 2;
        if (which > both)
            return -(long)Errno.EINVAL;
        if (which is input or both)
        {
            discipline.FlushInput();
            Line.FlushInput();
            Line.InputWanted();
        }

        if (which is output or both)
            Line.FlushOutput();
        Waiters.Wake();
        return 0;
    }

    private long StopOrStart(ulong action)
    {
        const ulong outputOff = 0, outputOn = 1, inputOff = 2, inputOn = 3;
        switch (action)
        {
            case outputOff or outputOn:
                discipline.SetHeld(action == outputOff);
                return 0;
            case inputOff or inputOn:
                byte character = discipline.Settings[action == inputOff ? ControlCharacter.Stop : ControlCharacter.Start];
                if (character != 0)
                    Line.Add([character]);
                return 0;
            default:
                return -(long)Errno.EINVAL;
        }
    }

    private static long Put(Span<byte> buffer, int value) =>
        BinaryPrimitives.TryWriteInt32LittleEndian(buffer, value) ? 0 : -(long)Errno.EFAULT;

    private static bool TryGet(ReadOnlySpan<byte> buffer, out int value) => BinaryPrimitives.TryReadInt32LittleEndian(buffer, out value);

    private sealed record DrainWait(ulong Mark);
}
