using System.Threading;

namespace Microkernel;

/// <summary>Routes device lines to CPU 0 (Intel 82093AA data sheet).</summary>
internal static unsafe class IoApic
{
    private const uint Version = 1, FirstEntry = 0x10;
    private const uint Masked = 1 << 16, LevelTriggered = 1 << 15, ActiveLow = 1 << 13;
    // Lines of the ISA bus are edge triggered, active high; the others carry PCI interrupts: level triggered, active low.
    private const uint IsaLines = 16;
    // The 8259 controllers' data ports: all ones masks every line of theirs.
    private const ushort Pic1Data = 0x21, Pic2Data = 0xa1;

    /// <summary>Physical address of the registers; from ACPI, or where every PC has them.</summary>
    public static ulong Address = 0xfec0_0000;
    /// <summary>Lines there are.</summary>
    public static uint Lines;

    private static uint Read(uint register)
    {
        Volatile.Write(ref *(uint*)PhysicalMap.At(Address), register);
        return Volatile.Read(ref *(uint*)PhysicalMap.At(Address + 0x10));
    }

    private static void Write(uint register, uint value)
    {
        Volatile.Write(ref *(uint*)PhysicalMap.At(Address), register);
        Volatile.Write(ref *(uint*)PhysicalMap.At(Address + 0x10), value);
    }

    /// <summary>Masks everything.</summary>
    public static void Initialize()
    {
        Machine.PortOut8(Pic1Data, 0xff);
        Machine.PortOut8(Pic2Data, 0xff);
        Lines = ((Read(Version) >> 16) & 0xff) + 1;
        if (Lines > Vectors.Lines - Vectors.Messages)
            Lines = Vectors.Lines - Vectors.Messages;
        for (uint line = 0; line < Lines; line++)
            Write(FirstEntry + 2 * line, Masked);
    }

    /// <summary>True for lines whose request stays until the device is served: those must be masked meanwhile.</summary>
    public static bool IsLevel(uint line) => line >= IsaLines && line < Lines;

    /// <summary>Routes a line to a CPU, unmasked.</summary>
    public static void Enable(uint line, uint apicId)
    {
        Write(FirstEntry + 2 * line + 1, apicId << 24);
        Write(FirstEntry + 2 * line, (uint)(Vectors.FirstLine + line) | (IsLevel(line) ? LevelTriggered | ActiveLow : 0));
    }

    /// <summary>Masks a line.</summary>
    public static void Mask(uint line) =>
        Write(FirstEntry + 2 * line, Masked | (uint)(Vectors.FirstLine + line) | (IsLevel(line) ? LevelTriggered | ActiveLow : 0));
}
