namespace Servers.Vfs.Terminals;

/// <summary>
/// Input side of a terminal, termios(3): what typed bytes become, what is echoed, which signals they cause. Pure: it knows no hardware, no processes
/// and no requests.
/// </summary>
public sealed class LineDiscipline
{
    private const byte Newline = (byte)'\n', CarriageReturn = (byte)'\r', Tab = (byte)'\t', Backspace = 8, Bell = 7, Blank = (byte)' ', Delete = 0x7F;

    private readonly InputQueue input = new();
    private readonly OutputProcessor output;
    private readonly IDisciplineSink sink;
    private bool isLiteral;
    private bool isStopped;
    private bool isHeld;
    private int startColumn;

    /// <summary>A discipline with Linux' initial settings.</summary>
    public LineDiscipline(IDisciplineSink sink, uint hardware = Termios.SerialHardware)
    {
        this.sink = sink;
        Settings = new Termios(hardware);
        output = new OutputProcessor(Settings);
    }

    /// <summary>Settings; change them through <see cref="Change"/>.</summary>
    public Termios Settings { get; }

    /// <summary>Output side.</summary>
    public OutputProcessor Output => output;

    /// <summary>True if a read would get something (or the end of file) now.</summary>
    public bool IsReadable => IsCanonical ? input.Lines > 0 : input.Count >= Math.Max(1, MinimumForPoll);

    /// <summary>A line is complete: a canonical read gets it, or the end of file.</summary>
    public bool HasLine => input.Lines > 0;

    /// <summary>
    /// True while bytes of the line can be taken in. In canonical mode without a complete line what does not fit is dropped, so that the line can still end.
    /// </summary>
    public bool CanReceive => input.Count < InputQueue.Capacity - 1 || (IsCanonical && input.Lines == 0);

    /// <summary>No output now: ^S was typed, or TCOOFF.</summary>
    public bool IsOutputStopped => isStopped || isHeld;

    /// <summary>^S and ^Q are what stops and starts output.</summary>
    public bool HasFlowControl =>
        (Settings.Input & InputFlags.StartStop) != 0 && Settings[ControlCharacter.Stop] == 0x13 && Settings[ControlCharacter.Start] == 0x11;

    /// <summary>FIONREAD.</summary>
    public int Available => IsCanonical ? input.Readable : input.Count;

    /// <summary>VMIN: bytes that a raw read waits for; 0: it does not wait (or only VTIME).</summary>
    public int Minimum => Settings[ControlCharacter.Minimum];

    /// <summary>VTIME in tenths of a second.</summary>
    public int Time => Settings[ControlCharacter.Time];

    /// <summary>Lines are edited and read as a whole.</summary>
    public bool IsCanonical => (Settings.Local & LocalFlags.Canonical) != 0;

    private int MinimumForPoll => Time == 0 ? Minimum : 1;

    /// <summary>Takes over settings. Leaving canonical mode makes what was typed readable at once.</summary>
    public void Change(ReadOnlySpan<byte> termios)
    {
        bool wasCanonical = IsCanonical;
        Settings.Read(termios);
        if (wasCanonical && !IsCanonical)
            input.CompleteAll();
        else if (!wasCanonical && IsCanonical)
            input.EndHere();
        if (isStopped && (Settings.Input & InputFlags.StartStop) == 0)
            SetStopped(false);
    }

    /// <summary>Back to the start, but for the settings: nobody has the terminal open any more, or it was hung up.</summary>
    public void Reset()
    {
        input.Clear();
        isLiteral = false;
        SetStopped(false);
        SetHeld(false);
    }

    /// <summary>Reads what <see cref="IsReadable"/> promised. 0: end of file.</summary>
    public int Read(Span<byte> buffer) => IsCanonical ? input.ReadLine(buffer) : input.ReadAll(buffer);

    /// <summary>TCIFLUSH.</summary>
    public void FlushInput() => input.Clear();

    /// <summary>TCOOFF, TCOON: stops output until the other one, whatever is typed. TCOON undoes ^S too.</summary>
    public void SetHeld(bool hold)
    {
        bool before = IsOutputStopped;
        isHeld = hold;
        isStopped &= hold;
        if (before != IsOutputStopped)
            sink.OutputStopped(IsOutputStopped);
    }

    private void SetStopped(bool stop)
    {
        bool before = IsOutputStopped;
        isStopped = stop;
        if (before != IsOutputStopped)
            sink.OutputStopped(IsOutputStopped);
    }

    /// <summary>One byte from the line.</summary>
    public void Receive(byte value)
    {
        InputFlags flags = Settings.Input;
        if ((flags & InputFlags.Strip) != 0)
            value &= 0x7F;
        if ((flags & InputFlags.LowerCase) != 0 && IsExtended)
            value = value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value | 0x20) : value;
        if (isLiteral)
        {
            isLiteral = false;
            Keep(value);
            return;
        }

        if (IsCanonical && IsExtended && Settings.Is(ControlCharacter.LiteralNext, value))
        {
            isLiteral = true;
            if (Echoes && (Settings.Local & LocalFlags.EchoControl) != 0)
            {
                EchoRaw((byte)'^');
                EchoRaw(Backspace);
            }

            return;
        }

        if (HandleStartStop(value) || HandleSignal(value))
            return;
        if (value == CarriageReturn)
        {
            if ((flags & InputFlags.IgnoreCarriageReturn) != 0)
                return;
            if ((flags & InputFlags.CarriageReturnToNewline) != 0)
                value = Newline;
        }
        else if (value == Newline && (flags & InputFlags.NewlineToCarriageReturn) != 0)
        {
            value = CarriageReturn;
        }

        if (!IsCanonical || !HandleEditing(value))
            Keep(value);
    }

    private bool Echoes => (Settings.Local & LocalFlags.Echo) != 0;

    private bool IsExtended => (Settings.Local & LocalFlags.Extended) != 0;

    private bool HandleStartStop(byte value)
    {
        if ((Settings.Input & InputFlags.StartStop) == 0)
            return false;
        if (Settings.Is(ControlCharacter.Start, value))
        {
            SetStopped(false);
            return true;
        }

        if (Settings.Is(ControlCharacter.Stop, value))
        {
            SetStopped(true);
            return true;
        }

        if (isStopped && (Settings.Input & InputFlags.AnyRestarts) != 0)
            SetStopped(false);
        return false;
    }

    private bool HandleSignal(byte value)
    {
        if ((Settings.Local & LocalFlags.Signals) == 0)
            return false;
        int signal = Settings.Is(ControlCharacter.Interrupt, value) ? Signals.SIGINT
            : Settings.Is(ControlCharacter.Quit, value) ? Signals.SIGQUIT
            : Settings.Is(ControlCharacter.Suspend, value) ? Signals.SIGTSTP : 0;
        if (signal == 0)
            return false;
        if ((Settings.Local & LocalFlags.NoFlush) == 0)
        {
            input.Clear();
            sink.FlushOutput();
        }

        if ((Settings.Input & InputFlags.StartStop) != 0)
            SetStopped(false);
        if (Echoes)
            EchoTyped(value);
        sink.Signal(signal);
        return true;
    }

    private bool HandleEditing(byte value)
    {
        if (Settings.Is(ControlCharacter.Erase, value))
        {
            if (input.Edited > 0)
                EraseCharacter();
            return true;
        }

        if (IsExtended && Settings.Is(ControlCharacter.WordErase, value))
        {
            EraseWord();
            return true;
        }

        if (Settings.Is(ControlCharacter.Kill, value))
        {
            EraseLine();
            return true;
        }

        if (IsExtended && Settings.Is(ControlCharacter.Reprint, value))
        {
            Reprint(value);
            return true;
        }

        if (Settings.Is(ControlCharacter.EndOfFile, value))
        {
            if (input.Count < InputQueue.Capacity)
                input.End(value, endOfFile: true);
            sink.InputArrived();
            return true;
        }

        bool isEnd = value == Newline || Settings.Is(ControlCharacter.EndOfLine, value) || (IsExtended && Settings.Is(ControlCharacter.SecondEndOfLine, value));
        if (!isEnd)
            return false;
        if (Echoes || (value == Newline && (Settings.Local & LocalFlags.EchoNewline) != 0))
            EchoTyped(value);
        if (input.Count < InputQueue.Capacity)
            input.End(value, endOfFile: false);
        sink.InputArrived();
        return true;
    }

    private void Keep(byte value)
    {
        if (!input.HasRoom)
        {
            if ((Settings.Input & InputFlags.BellWhenFull) != 0)
                EchoRaw(Bell);
            else if (IsCanonical && Echoes)
                EchoTyped(value);
            return;
        }

        if (input.Edited == 0)
            startColumn = output.Column;
        // PARMRK: \377 is the escape of marked errors, so a real one is doubled, termios(3).
        bool isDoubled = value == 0xFF && (Settings.Input & (InputFlags.MarkErrors | InputFlags.Strip)) == InputFlags.MarkErrors
            && input.Count < InputQueue.Capacity - 2;
        if (isDoubled)
            input.Add(value);
        input.Add(value);
        if (!IsCanonical)
        {
            input.CompleteAll();
            sink.InputArrived();
        }

        if (Echoes)
            EchoTyped(value);
    }

    private void EraseWord()
    {
        bool seenWord = false;
        while (input.Edited > 0)
        {
            bool isWord = char.IsAsciiLetterOrDigit((char)input.Last) || input.Last == (byte)'_' || input.Last >= 0x80;
            if (seenWord && !isWord)
                break;
            seenWord |= isWord;
            EraseCharacter();
        }
    }

    private void EraseLine()
    {
        const LocalFlags visibly = LocalFlags.EchoKill | LocalFlags.EchoKillErase | LocalFlags.EchoErase;
        if ((Settings.Local & visibly) == visibly)
        {
            while (input.Edited > 0)
                EraseCharacter();
            return;
        }

        while (input.Edited > 0)
            input.RemoveLast();
        if (!Echoes)
            return;
        EchoTyped(Settings[ControlCharacter.Kill]);
        if ((Settings.Local & LocalFlags.EchoKill) != 0)
            EchoTyped(Newline);
    }

    private void EraseCharacter()
    {
        byte erased = input.Last;
        input.RemoveLast();

        // A character of UTF-8 goes as a whole: its continuation bytes have no column of their own.
        while ((Settings.Input & InputFlags.Utf8) != 0 && (erased & 0xC0) == 0x80 && input.Edited > 0)
        {
            erased = input.Last;
            input.RemoveLast();
        }

        if (!Echoes)
            return;
        if ((Settings.Local & LocalFlags.EchoErase) == 0)
        {
            EchoTyped(Settings[ControlCharacter.Erase]);
            return;
        }

        int columns = erased == Tab ? output.Column - ColumnOfEnd() : IsShownAsCaret(erased) ? 2 : erased < Blank || erased == Delete ? 0 : 1;
        for (int column = 0; column < columns; column++)
        {
            EchoRaw(Backspace);
            if (erased == Tab)
                continue;
            EchoRaw(Blank);
            EchoRaw(Backspace);
        }
    }

    private bool IsShownAsCaret(byte value) =>
        (Settings.Local & LocalFlags.EchoControl) != 0 && (value < Blank || value == Delete) && value != Tab && value != Newline;

    private int ColumnOfEnd()
    {
        int column = startColumn;
        for (int index = 0; index < input.Edited; index++)
        {
            byte value = input.EditedAt(index);
            column = value == Tab ? (column | 7) + 1 : column + (IsShownAsCaret(value) ? 2 : value < Blank || (value & 0xC0) == 0x80 ? 0 : 1);
        }

        return column;
    }

    private void Reprint(byte value)
    {
        if (!Echoes)
            return;
        EchoTyped(value);
        EchoTyped(Newline);
        startColumn = output.Column;
        for (int index = 0; index < input.Edited; index++)
            EchoTyped(input.EditedAt(index));
    }

    private void EchoTyped(byte value)
    {
        if (IsShownAsCaret(value))
        {
            EchoRaw((byte)'^');
            EchoRaw((byte)(value ^ 0x40));
            return;
        }

        EchoRaw(value);
    }

    private void EchoRaw(byte value)
    {
        Span<byte> processed = stackalloc byte[OutputProcessor.LongestExpansion];
        int length = output.Process(value, processed);
        foreach (byte part in processed[..length])
            sink.Echo(part);
    }
}
