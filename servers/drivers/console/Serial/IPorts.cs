namespace Servers.Drivers.Console.Serial;

/// <summary>The eight registers of a UART.</summary>
public interface IPorts
{
    /// <summary>Reads a register.</summary>
    byte Read(int register);

    /// <summary>Writes a register.</summary>
    void Write(int register, byte value);

    /// <summary>Writes bytes to the transmitter, one after the other.</summary>
    void Transmit(ReadOnlySpan<byte> bytes);
}
