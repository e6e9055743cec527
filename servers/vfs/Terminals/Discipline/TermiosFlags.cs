namespace Servers.Vfs.Terminals;

/// <summary>c_iflag, termios(3).</summary>
[Flags]
public enum InputFlags : uint
{
#pragma warning disable CS1591 // IGNBRK is a matter of the line; the others as in termios(3)
    None = 0, MarkErrors = 8, Strip = 0x20, NewlineToCarriageReturn = 0x40, IgnoreCarriageReturn = 0x80, CarriageReturnToNewline = 0x100, LowerCase = 0x200,
    StartStop = 0x400,
    AnyRestarts = 0x800, BellWhenFull = 0x2000, Utf8 = 0x4000,
#pragma warning restore CS1591
}

/// <summary>c_oflag, termios(3).</summary>
[Flags]
public enum OutputFlags : uint
{
#pragma warning disable CS1591
    None = 0, Process = 1, UpperCase = 2, NewlineToCarriageReturn = 4, CarriageReturnToNewline = 8, NoCarriageReturnAtStart = 0x10, NewlineReturns = 0x20,
    ExpandTabs = 0x1800,
#pragma warning restore CS1591
}

/// <summary>c_lflag, termios(3).</summary>
[Flags]
public enum LocalFlags : uint
{
#pragma warning disable CS1591
    None = 0, Signals = 1, Canonical = 2, Echo = 8, EchoErase = 0x10, EchoKill = 0x20, EchoNewline = 0x40, NoFlush = 0x80, StopBackgroundOutput = 0x100,
    EchoControl = 0x200, EchoKillErase = 0x800, Extended = 0x8000,
#pragma warning restore CS1591
}

/// <summary>Indices of c_cc, termios(3).</summary>
public enum ControlCharacter
{
#pragma warning disable CS1591
    Interrupt, Quit, Erase, Kill, EndOfFile, Time, Minimum, SwitchCharacter, Start, Stop, Suspend, EndOfLine, Reprint, Discard, WordErase, LiteralNext,
    SecondEndOfLine,
#pragma warning restore CS1591
}
