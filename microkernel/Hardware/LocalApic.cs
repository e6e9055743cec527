using System.Threading;

namespace Microkernel;

/// <summary>Interrupt vectors. Device lines have <see cref="FirstLine"/> + line: those of the I/O APIC, then <see cref="Messages"/> for messages.</summary>
internal static class Vectors
{
    public const byte FirstLine = 0x40;
    public const byte Lines = 0xa0;
    /// <summary>Vectors that are left for messages at least.</summary>
    public const byte Messages = 0x40;
    /// <summary>Higher classes come first (SDM vol. 3 §10.8.3): a request to flush is not kept waiting.</summary>
    public const byte Timer = 0xe0, Reschedule = 0xe1, Shootdown = 0xf0, Spurious = 0xff;
}

/// <summary>The CPU's own interrupt controller (SDM vol. 3 chapter 10), by memory-mapped registers.</summary>
internal static unsafe class LocalApic
{
    private const ulong Address = 0xfee0_0000;
    private const uint Id = 0x20, EndOfInterrupt = 0xb0, SpuriousVector = 0xf0, CommandLow = 0x300, CommandHigh = 0x310, TimerVector = 0x320,
        InitialCount = 0x380, CurrentCount = 0x390, Divide = 0x3e0;
    private const uint Enabled = 0x100, Masked = 0x1_0000, DivideByOne = 0xb, DeliveryPending = 1 << 12;

    private static uint Read(uint register) => Volatile.Read(ref *(uint*)PhysicalMap.At(Address + register));
    private static void Write(uint register, uint value) => Volatile.Write(ref *(uint*)PhysicalMap.At(Address + register), value);

    /// <summary>Address that a device writes its message to for a CPU (SDM vol. 3 §10.11.1); the data is the vector: edge, fixed delivery.</summary>
    public static ulong MessageAddress(uint apicId) => Address | apicId << 12;

    /// <summary>This CPU's identity.</summary>
    public static uint ThisId => Read(Id) >> 24;

    /// <summary>Switches this CPU's APIC on, timer one-shot.</summary>
    public static void Initialize()
    {
        Write(SpuriousVector, Enabled | Vectors.Spurious);
        Write(Divide, DivideByOne);
        Write(TimerVector, Vectors.Timer);
    }

    /// <summary>Lets the timer count down from its highest value without an interrupt.</summary>
    public static void StartFreeRunning()
    {
        Write(TimerVector, Masked);
        Write(InitialCount, uint.MaxValue);
    }

    /// <summary>What is left of the count.</summary>
    public static uint Remaining => Read(CurrentCount);

    /// <summary>Asks for a timer interrupt at a time stamp. One beyond the counter's reach comes early and is set again; the highest number: none.</summary>
    public static void SetTimer(ulong deadline)
    {
        ulong now = Machine.TimeStamp();
        ulong ticks = deadline <= now ? 0 : deadline - now;
        // Keeps the product in range; some minutes.
        if (ticks > 1ul << 40)
            ticks = 1ul << 40;
        ulong count = Machine.MultiplyShift32(ticks, Clock.ApicRatio) + 1;
        // A count of zero stops the timer (SDM vol. 3 §10.5.4).
        Write(InitialCount, deadline == ulong.MaxValue ? 0 : count > uint.MaxValue ? uint.MaxValue : (uint)count);
    }

    /// <summary>The interrupt in service is done.</summary>
    public static void Acknowledge() => Write(EndOfInterrupt, 0);

    /// <summary>Sends a fixed interrupt to another CPU.</summary>
    public static void Send(uint apicId, byte vector) => Command(apicId, vector);

    /// <summary>Resets a CPU.</summary>
    public static void SendInit(uint apicId) => Command(apicId, 0x4500);

    /// <summary>Starts a CPU at a page below 1 MiB.</summary>
    public static void SendStartup(uint apicId, ulong address) => Command(apicId, 0x4600 | (uint)(address >> 12));

    private static void Command(uint apicId, uint command)
    {
        while ((Read(CommandLow) & DeliveryPending) != 0)
            Machine.Pause();
        Write(CommandHigh, apicId << 24);
        Write(CommandLow, command);
    }
}
