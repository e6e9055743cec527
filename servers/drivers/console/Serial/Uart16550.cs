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
    private const byte DataReady = 1, TransmitterEmpty = 0x20, AllSent = 0x40;

    private readonly IPorts ports;
    private byte enabled;

    /// <summary>A UART behind its registers.</summary>
    public Uart16550(IPorts ports) => this.ports = ports;

    /// <summary>Sets the line to 115200 baud, 8 bits, no parity, FIFOs on, receive interrupts on. False: there is no UART.</summary>
    public bool TryStart()
    {
        const byte pattern = 0x5A;
        ports.Write(Scratch, pattern);
        if (ports.Read(Scratch) != pattern)
            return false;

        const byte divisorAccess = 0x80, eightBits = 3;
        const byte enableFifos = 1, clearBoth = 6, triggerAt14 = 0xC0;
        const byte ready = 1, request = 2, interruptsReachTheLine = 8; // DTR, RTS, OUT2
        ports.Write(InterruptEnable, 0);
        ports.Write(LineControl, divisorAccess | eightBits);
        ports.Write(Data, 1); // divisor 1: 115200
        ports.Write(InterruptEnable, 0);
        ports.Write(LineControl, eightBits);
        ports.Write(FifoControl, enableFifos | clearBoth | triggerAt14);
        ports.Write(ModemControl, ready | request | interruptsReachTheLine);
        SetEnabled(ReceiveInterrupt);
        return true;
    }

    /// <summary>True if a byte has arrived.</summary>
    public bool HasInput => (ports.Read(LineStatus) & DataReady) != 0;

    /// <summary>True if <see cref="FifoLength"/> bytes may be sent.</summary>
    public bool CanSend => (ports.Read(LineStatus) & TransmitterEmpty) != 0;

    /// <summary>True if the last bit has left.</summary>
    public bool IsIdle => (ports.Read(LineStatus) & AllSent) != 0;

    /// <summary>Takes the byte that has arrived.</summary>
    public byte Receive() => ports.Read(Data);

    /// <summary>Sends up to <see cref="FifoLength"/> bytes; <see cref="CanSend"/> was true.</summary>
    public void Send(ReadOnlySpan<byte> bytes) => ports.Transmit(bytes[..Math.Min(bytes.Length, FifoLength)]);

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
