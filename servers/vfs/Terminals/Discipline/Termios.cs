using System.Buffers.Binary;

namespace Servers.Vfs.Terminals;

/// <summary>
/// Settings of a terminal, termios(3), in the layouts of Linux' requests: TCGETS four words, the line discipline, 19 control characters; TCGETS2 two speeds
/// more; TCGETA four half words, the line discipline, 8 control characters.
/// </summary>
public sealed class Termios
{
    /// <summary>Bytes of TCGETS' structure.</summary>
    public const int Length = 36;

    /// <summary>Bytes of TCGETS2's structure.</summary>
    public const int LongLength = 44;

    /// <summary>Bytes of TCGETA's structure.</summary>
    public const int OldLength = 18;

    private const int LineOffset = 16, CharactersOffset = 17, CharacterCount = 19, InputSpeedOffset = 36, OutputSpeedOffset = 40;
    private const int OldLineOffset = 8, OldCharactersOffset = 9, OldCharacterCount = 8;
    private const uint SpeedMask = 0x100F, OtherSpeed = 0x1000, Local_ = 0x800, SizeMask = 0x30, Parity = 0x100, Receiver = 0x80;

    // Speeds of the codes B0 to B38400 and, with bit 12, B57600 to B4000000.
    private static readonly uint[] LowSpeeds = [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400];
    private static readonly uint[] HighSpeeds =
        [0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000];

    private readonly byte[] characters = new byte[CharacterCount];
    private readonly bool hasFixedFraming;
    private byte line;
    private uint otherSpeed;

    /// <summary>What Linux starts a terminal with: echo, canonical input, signals, NL to CR NL.</summary>
    public Termios(uint hardware)
    {
        Input = InputFlags.CarriageReturnToNewline | InputFlags.StartStop;
        Output = OutputFlags.Process | OutputFlags.NewlineToCarriageReturn;
        Hardware = hardware;
        hasFixedFraming = hardware == PseudoHardware;
        Local = LocalFlags.Signals | LocalFlags.Canonical | LocalFlags.Echo | LocalFlags.EchoErase | LocalFlags.EchoKill | LocalFlags.EchoControl
            | LocalFlags.EchoKillErase | LocalFlags.Extended;
        ReadOnlySpan<byte> initial = [3, 0x1C, 0x7F, 0x15, 4, 0, 1, 0, 0x11, 0x13, 0x1A, 0, 0x12, 0x0F, 0x17, 0x16];
        initial.CopyTo(characters);
    }

    /// <summary>c_cflag of a serial line at the start: 9600 baud (whatever the UART does), 8 bits, receiver on, hang-up at close, no modem lines.</summary>
    public const uint SerialHardware = 0xD | SizeMask | Receiver | 0x400 | Local_;

    /// <summary>c_cflag of a pseudo-terminal at the start: 38400 baud, 8 bits, receiver on.</summary>
    public const uint PseudoHardware = 0xF | SizeMask | Receiver;

    /// <summary>c_iflag.</summary>
    public InputFlags Input { get; private set; }

    /// <summary>c_oflag.</summary>
    public OutputFlags Output { get; private set; }

    /// <summary>c_cflag. Speed and framing mean nothing to an emulated line and are only kept.</summary>
    public uint Hardware { get; private set; }

    /// <summary>c_lflag.</summary>
    public LocalFlags Local { get; private set; }

    /// <summary>CLOCAL.</summary>
    public bool IgnoresModemLines => (Hardware & Local_) != 0;

    /// <summary>A control character.</summary>
    public byte this[ControlCharacter which] => characters[(int)which];

    /// <summary>True if <paramref name="value"/> is that control character; 0 switches a control character off.</summary>
    public bool Is(ControlCharacter which, byte value) => value != 0 && characters[(int)which] == value;

    /// <summary>Takes over a structure of one of the three lengths.</summary>
    public void Read(ReadOnlySpan<byte> from)
    {
        if (from.Length == OldLength)
        {
            ReadOld(from);
            return;
        }

        Input = (InputFlags)BinaryPrimitives.ReadUInt32LittleEndian(from);
        Output = (OutputFlags)BinaryPrimitives.ReadUInt32LittleEndian(from[4..]);
        SetHardware(BinaryPrimitives.ReadUInt32LittleEndian(from[8..]));
        Local = (LocalFlags)BinaryPrimitives.ReadUInt32LittleEndian(from[12..]);
        line = from[LineOffset];
        from.Slice(CharactersOffset, CharacterCount).CopyTo(characters);
        if (from.Length == LongLength)
            otherSpeed = BinaryPrimitives.ReadUInt32LittleEndian(from[OutputSpeedOffset..]);
    }

    /// <summary>Gives the structure of one of the three lengths.</summary>
    public void Write(Span<byte> to)
    {
        if (to.Length == OldLength)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)Input);
            BinaryPrimitives.WriteUInt16LittleEndian(to[2..], (ushort)Output);
            BinaryPrimitives.WriteUInt16LittleEndian(to[4..], (ushort)Hardware);
            BinaryPrimitives.WriteUInt16LittleEndian(to[6..], (ushort)Local);
            to[OldLineOffset] = line;
            characters.AsSpan(0, OldCharacterCount).CopyTo(to[OldCharactersOffset..]);
            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)Input);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], (uint)Output);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Hardware);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], (uint)Local);
        to[LineOffset] = line;
        characters.CopyTo(to[CharactersOffset..]);
        if (to.Length < LongLength)
            return;
        BinaryPrimitives.WriteUInt32LittleEndian(to[InputSpeedOffset..], Speed);
        BinaryPrimitives.WriteUInt32LittleEndian(to[OutputSpeedOffset..], Speed);
    }

    private uint Speed => (Hardware & SpeedMask) switch
    {
        OtherSpeed => otherSpeed,
        var code and > OtherSpeed => HighSpeeds[code & 0xF],
        var code => LowSpeeds[code],
    };

    // The high halves stay as they are.
    private void ReadOld(ReadOnlySpan<byte> from)
    {
        const uint high = 0xFFFF_0000;
        Input = (InputFlags)((uint)Input & high | BinaryPrimitives.ReadUInt16LittleEndian(from));
        Output = (OutputFlags)((uint)Output & high | BinaryPrimitives.ReadUInt16LittleEndian(from[2..]));
        SetHardware(Hardware & high | BinaryPrimitives.ReadUInt16LittleEndian(from[4..]));
        Local = (LocalFlags)((uint)Local & high | BinaryPrimitives.ReadUInt16LittleEndian(from[6..]));
        line = from[OldLineOffset];
        from.Slice(OldCharactersOffset, OldCharacterCount).CopyTo(characters);
    }

    // A pseudo-terminal has no framing to change: 8 bits, no parity, receiver on.
    private void SetHardware(uint value) => Hardware = hasFixedFraming ? value & ~Parity | SizeMask | Receiver : value;
}
