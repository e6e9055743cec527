using Servers.Drivers.Console.Serial;

namespace Servers.Drivers.Console.Tests;

/// <summary>Registers of a 16550 whose line is slow: the FIFO empties only when the test says so, and what overruns is lost, as on hardware.</summary>
internal sealed class FakeUart : IPorts
{
    private readonly Queue<byte> fifo = new();
    private byte scratch;
    private byte lineControl;

    public List<byte> Sent { get; } = [];

    public Queue<byte> Arriving { get; } = new();

    public byte InterruptEnable { get; private set; }

    public bool IsAbsent { get; init; }

    public byte Read(int register) => IsAbsent ? (byte)0xFF : register switch
    {
        0 => Arriving.Dequeue(),
        5 => (byte)((Arriving.Count > 0 ? 1 : 0) | (fifo.Count == 0 ? 0x60 : 0)),
        7 => scratch,
        _ => (byte)0,
    };

    public void Write(int register, byte value)
    {
        if (register == 7)
            scratch = value;
        else if (register == 3)
            lineControl = value;
        else if (register == 1 && (lineControl & 0x80) == 0)
            InterruptEnable = value;
    }

    public void Transmit(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (fifo.Count < Uart16550.FifoLength)
                fifo.Enqueue(value);
        }
    }

    /// <summary>The line sends what the FIFO holds.</summary>
    public bool Flush()
    {
        bool any = fifo.Count > 0;
        Sent.AddRange(fifo);
        fifo.Clear();
        return any;
    }
}
