using Libsys.Abi;
using Servers.Drivers.Console.Serial;

namespace Servers.Drivers.Console.Tests;

/// <summary>
/// Registers of a 16550 whose line is slow (the transmitter's FIFO empties only when the test says so, and what overruns is lost, as on hardware), with the
/// kernel's counts. It outlives drivers: <see cref="StepsToLive"/> ends one before or after any operation.
/// </summary>
internal sealed class FakeUart : IPorts
{
    private readonly Queue<byte> transmitter = new();
    private readonly Queue<byte> receiver = new();
    private readonly byte[] history = new byte[PortHistory.Length];
    private byte scratch;
    private byte lineControl;
    private byte fifoControl;
    private ulong written;
    private ulong received;

    /// <summary>What has left on the line.</summary>
    public List<byte> Sent { get; } = [];

    /// <summary>What the other side sends: it comes into the receiver when there is room, as QEMU does it.</summary>
    public Queue<byte> Arriving { get; } = new();

    public byte InterruptEnable { get; private set; }

    public bool IsAbsent { get; init; }

    /// <summary>Half steps until the driver dies: an even one is before an operation, an odd one behind it. Negative: it lives.</summary>
    public int StepsToLive { get; set; } = -1;

    public void Step()
    {
        if (StepsToLive >= 0 && StepsToLive-- == 0)
            throw new KilledException();
    }

    public byte Read(int register)
    {
        Step();
        Fill();
        byte value = IsAbsent ? (byte)0xFF : register switch
        {
            2 => (byte)(fifoControl & 1) != 0 ? (byte)0xC1 : (byte)1,
            3 => lineControl,
            5 => (byte)((receiver.Count > 0 ? 1 : 0) | (transmitter.Count == 0 ? 0x60 : 0)),
            7 => scratch,
            _ => (byte)0,
        };
        Step();
        return value;
    }

    public void Write(int register, byte value)
    {
        Step();
        switch (register)
        {
            case 7:
                scratch = value;
                break;
            case 3:
                lineControl = value;
                break;
            case 2:
                if (((fifoControl ^ value) & 1) != 0)
                {
                    receiver.Clear();
                    transmitter.Clear();
                }

                fifoControl = value;
                break;
            case 1 when (lineControl & 0x80) == 0:
                InterruptEnable = value;
                break;
        }

        Step();
    }

    public void Transmit(ReadOnlySpan<byte> bytes)
    {
        Step();
        foreach (byte value in bytes)
        {
            if (transmitter.Count < Uart16550.FifoLength)
                transmitter.Enqueue(value);
        }

        written += (ulong)bytes.Length;
        Step();
    }

    public int Receive(Span<byte> to)
    {
        Step();
        int count = 0;
        for (Fill(); count < Math.Min(to.Length, PortHistory.ReadLimit) && receiver.TryDequeue(out byte value); Fill())
        {
            history[received++ % PortHistory.Length] = value;
            to[count++] = value;
        }

        Step();
        return count;
    }

    public LinePositions Positions(Span<byte> last)
    {
        Step();
        int kept = (int)Math.Min(received, (ulong)Math.Min(last.Length, PortHistory.Length));
        for (int index = 0; index < kept; index++)
            last[index] = history[(received - (ulong)kept + (ulong)index) % PortHistory.Length];
        Step();
        return new LinePositions(written, received, kept);
    }

    /// <summary>The line sends what the FIFO holds.</summary>
    public bool Flush()
    {
        bool any = transmitter.Count > 0;
        Sent.AddRange(transmitter);
        transmitter.Clear();
        return any;
    }

    private void Fill()
    {
        while (receiver.Count < Uart16550.FifoLength && Arriving.TryDequeue(out byte value))
            receiver.Enqueue(value);
    }
}

/// <summary>The driver ends here, without a word.</summary>
internal sealed class KilledException : Exception;
