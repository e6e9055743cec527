namespace Servers.Drivers.Console.Serial;

/// <summary>
/// A 16550A UART (National Semiconductor PC16550D data sheet). Sends only while the transmitter's FIFO is empty, so no byte is ever lost to an overrun.
/// </summary>
public sealed class Uart16550
{
    /// <summary>Bytes that the transmitter's FIFO takes when it is empty.</summary>
    public const int FifoLength = 16;

    private const int Data = 0, InterruptEnable = 1, FifoControl = 2, LineControl = 3, ModemControl = 4, LineStatus = 5, Scratch = 7;
    private const byte ReceiveInterrupt = 1, TransmitInterrupt = 2;
    private const byte TransmitterEmpty = 0x20, AllSent = 0x40;

    private readonly IPorts ports;
    private byte enabled;

    /// <summary>A UART behind its registers.</summary>
    public Uart16550(IPorts ports) => this.ports = ports;

    /// <summary>
    /// Sees to it that the line runs at 115200 baud, 8 bits, no parity, with FIFOs and receive interrupts. What an earlier driver has set up is left alone, its
    /// bytes in the FIFOs above all. False: there is no UART.
    /// </summary>
    public bool TryStart()
    {
        const byte pattern = 0x5A;
        ports.Write(Scratch, pattern);
        if (ports.Read(Scratch) != pattern)
            return false;

        const byte divisorAccess = 0x80, eightBits = 3;
        const byte fifosAreOn = 0xC0, enableFifos = 1, triggerAt14 = 0xC0;
        const byte ready = 1, request = 2, interruptsReachTheLine = 8; // DTR, RTS, OUT2
        if (ports.Read(LineControl) != eightBits)
        {
            ports.Write(LineControl, divisorAccess | eightBits);
            ports.Write(Data, 1); // divisor 1: 115200
            ports.Write(InterruptEnable, 0);
            ports.Write(LineControl, eightBits); // last: who finds this need not do it again
        }

        // Switching the FIFOs on clears them, and nothing else does.
        if ((ports.Read(FifoControl) & fifosAreOn) != fifosAreOn)
            ports.Write(FifoControl, enableFifos | triggerAt14);
        ports.Write(ModemControl, ready | request | interruptsReachTheLine);

        // A transmitter that is empty interrupts when this is switched on: a driver that was killed may have taken that interrupt.
        ports.Write(InterruptEnable, 0);
        enabled = 0;
        SetEnabled(ReceiveInterrupt);
        return true;
    }

    /// <summary>True if <see cref="FifoLength"/> bytes may be sent.</summary>
    public bool CanSend => (ports.Read(LineStatus) & TransmitterEmpty) != 0;

    /// <summary>True if the last bit has left.</summary>
    public bool IsIdle => (ports.Read(LineStatus) & AllSent) != 0;

    /// <summary>Takes bytes that have arrived, at most <see cref="FifoLength"/>. They count as received from then on.</summary>
    public int Receive(Span<byte> to) => ports.Receive(to[..Math.Min(to.Length, FifoLength)]);

    /// <summary>Sends up to <see cref="FifoLength"/> bytes; <see cref="CanSend"/> was true. They count as sent from then on.</summary>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        bytes = bytes[..Math.Min(bytes.Length, FifoLength)];
        ports.Transmit(bytes);
        return bytes.Length;
    }

    /// <summary>Bytes sent and received since boot, by whichever driver, and the last ones received.</summary>
    public LinePositions Positions(Span<byte> last) => ports.Positions(last);

    /// <summary>Whether an empty transmitter interrupts.</summary>
    public void InterruptWhenEmpty(bool on) => SetEnabled(on ? (byte)(ReceiveInterrupt | TransmitInterrupt) : ReceiveInterrupt);

    private void SetEnabled(byte value)
    {
        if (enabled == value)
            return;
        enabled = value;
        ports.Write(InterruptEnable, value);
    }
}
