namespace Servers.Drivers.Console.Serial;

/// <summary>The eight registers of a UART, and the kernel's count of what went through its data register.</summary>
public interface IPorts
{
    /// <summary>Reads a register.</summary>
    byte Read(int register);

    /// <summary>Writes a register.</summary>
    void Write(int register, byte value);

    /// <summary>Writes bytes to the transmitter and counts them, as one step that cannot be interrupted.</summary>
    void Transmit(ReadOnlySpan<byte> bytes);

    /// <summary>Reads bytes while the receiver has some, counts and remembers them, as one step that cannot be interrupted.</summary>
    int Receive(Span<byte> to);

    /// <summary>The counts, and in <paramref name="last"/> the last bytes received.</summary>
    LinePositions Positions(Span<byte> last);
}

/// <summary>Where a line is: bytes since boot.</summary>
/// <param name="Sent">Given to the transmitter.</param>
/// <param name="Received">Taken from the receiver.</param>
/// <param name="Kept">How many of the last ones received are still known.</param>
public readonly record struct LinePositions(ulong Sent, ulong Received, int Kept);
