using System.Buffers.Binary;

namespace Servers.Drivers.Console.Discipline;

/// <summary>Settings of a terminal, termios(3), in the layout of Linux' TCGETS: four words, the line discipline, 19 control characters.</summary>
public sealed class Termios
{
    /// <summary>Bytes of the structure.</summary>
    public const int Length = 36;

    private const int LineOffset = 16, CharactersOffset = 17, CharacterCount = 19;
    private readonly byte[] characters = new byte[CharacterCount];
    private byte line;

    /// <summary>What Linux starts a serial line with: 9600 baud (whatever the UART does), 8 bits, no modem control, echo, canonical input, signals, NL to CR NL.</summary>
    public Termios()
    {
        Input = InputFlags.CarriageReturnToNewline | InputFlags.StartStop;
        Output = OutputFlags.Process | OutputFlags.NewlineToCarriageReturn;
        const uint b9600 = 0xD, eightBits = 0x30, receiver = 0x80, hangUpOnClose = 0x400, local = 0x800;
        Hardware = b9600 | eightBits | receiver | hangUpOnClose | local;
        Local = LocalFlags.Signals | LocalFlags.Canonical | LocalFlags.Echo | LocalFlags.EchoErase | LocalFlags.EchoKill | LocalFlags.EchoControl
            | LocalFlags.EchoKillErase | LocalFlags.Extended;
        ReadOnlySpan<byte> initial = [3, 0x1C, 0x7F, 0x15, 4, 0, 1, 0, 0x11, 0x13, 0x1A, 0, 0x12, 0x0F, 0x17, 0x16];
        initial.CopyTo(characters);
    }

    /// <summary>c_iflag.</summary>
    public InputFlags Input { get; private set; }

    /// <summary>c_oflag.</summary>
    public OutputFlags Output { get; private set; }

    /// <summary>c_cflag. Speed and framing mean nothing to an emulated line and are only kept.</summary>
    public uint Hardware { get; private set; }

    /// <summary>c_lflag.</summary>
    public LocalFlags Local { get; private set; }

    /// <summary>A control character.</summary>
    public byte this[ControlCharacter which] => characters[(int)which];

    /// <summary>True if <paramref name="value"/> is that control character; 0 switches a control character off.</summary>
    public bool Is(ControlCharacter which, byte value) => value != 0 && characters[(int)which] == value;

    /// <summary>Takes over a structure.</summary>
    public void Read(ReadOnlySpan<byte> from)
    {
        Input = (InputFlags)BinaryPrimitives.ReadUInt32LittleEndian(from);
        Output = (OutputFlags)BinaryPrimitives.ReadUInt32LittleEndian(from[4..]);
        Hardware = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]);
        Local = (LocalFlags)BinaryPrimitives.ReadUInt32LittleEndian(from[12..]);
        line = from[LineOffset];
        from.Slice(CharactersOffset, CharacterCount).CopyTo(characters);
    }

    /// <summary>Gives the structure.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, (uint)Input);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], (uint)Output);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Hardware);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], (uint)Local);
        to[LineOffset] = line;
        characters.CopyTo(to[CharactersOffset..]);
    }
}
