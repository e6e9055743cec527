namespace Microkernel;

/// <summary>
/// The few ACPI tables that say which CPUs, interrupt controllers, persistent memory and IOMMU there are (ACPI 6.4 §5.2.5, §5.2.12, §5.2.25; VT-d §8).
/// </summary>
internal static unsafe class Acpi
{
    private const uint MadtSignature = 0x43495041; // "APIC"
    private const int HeaderLength = 36, MadtEntries = 44;
    private const byte ProcessorEntry = 0, IoApicEntry = 1;
    private const uint ProcessorEnabled = 1;
    private const uint NfitSignature = 0x5449464e; // "NFIT"
    private const int NfitEntries = 40;
    private const ushort RangeEntry = 0;
    private const uint DmarSignature = 0x52414d44; // "DMAR"
    private const int DmarEntries = 48;
    // 66F0D379-B4F3-4074-AC43-0D3318B78CDB: byte-addressable persistent memory.
    private const ulong PersistentLow = 0x4074_b4f3_66f0_d379, PersistentHigh = 0xdb8c_b718_330d_43ac;

    /// <summary>The first range of persistent memory that the physical map reaches: the root image. Equal: there is none.</summary>
    public static ulong ImageStart, ImageEnd;

    /// <summary>Registers of the IOMMU of all functions of PCI that have no other; 0: there is none.</summary>
    public static ulong Iommu;

    /// <summary>APIC ids of the CPUs found; the boot CPU is among them.</summary>
    public static uint CpuCount;
    private static byte* ids;

    /// <summary>APIC id of a CPU.</summary>
    public static uint ApicId(uint index) => ids[index];

    /// <summary>Reads the tables; <paramref name="room"/> takes the ids.</summary>
    public static void Read(ulong rootPointer, byte* room)
    {
        ids = room;
        byte* root = rootPointer != 0 && rootPointer < PhysicalMap.Length ? PhysicalMap.At(rootPointer) : Search();
        if (root == null)
            return;
        bool extended = root[15] >= 2;
        ulong table = extended ? *(ulong*)(root + 24) : *(uint*)(root + 16);
        if (table == 0 || table >= PhysicalMap.Length)
            return;
        byte* list = PhysicalMap.At(table);
        uint length = *(uint*)(list + 4);
        uint width = extended ? 8u : 4u;
        for (uint at = HeaderLength; at + width <= length; at += width)
        {
            ulong address = extended ? *(ulong*)(list + at) : *(uint*)(list + at);
            if (address >= PhysicalMap.Length)
                continue;
            if (*(uint*)PhysicalMap.At(address) == MadtSignature)
                ReadMadt(PhysicalMap.At(address));
            else if (*(uint*)PhysicalMap.At(address) == NfitSignature)
                ReadNfit(PhysicalMap.At(address));
            else if (*(uint*)PhysicalMap.At(address) == DmarSignature)
                ReadDmar(PhysicalMap.At(address));
        }
    }

    private static void ReadNfit(byte* table)
    {
        uint length = *(uint*)(table + 4);
        for (uint at = NfitEntries; at + 56 <= length && *(ushort*)(table + at + 2) >= 4; at += *(ushort*)(table + at + 2))
        {
            byte* entry = table + at;
            ulong start = *(ulong*)(entry + 32), bytes = *(ulong*)(entry + 40) & ~PhysicalMap.PageMask;
            if (*(ushort*)entry == RangeEntry && *(ulong*)(entry + 16) == PersistentLow && *(ulong*)(entry + 24) == PersistentHigh && ImageEnd == 0
                && (start & PhysicalMap.PageMask) == 0 && start < PhysicalMap.Length && bytes <= PhysicalMap.Length - start)
                (ImageStart, ImageEnd) = (start, start + bytes);
        }
    }

    private static void ReadDmar(byte* table)
    {
        uint length = *(uint*)(table + 4);
        for (uint at = DmarEntries; at + 16 <= length && *(ushort*)(table + at + 2) >= 4; at += *(ushort*)(table + at + 2))
            // Of the first segment, where the kernel maps registers. The one for all functions that no other has comes last.
            if (*(ushort*)(table + at) == 0 && *(ushort*)(table + at + 6) == 0 && KernelSpace.IsDeviceMemory(*(ulong*)(table + at + 8)))
                Iommu = *(ulong*)(table + at + 8);
    }

    private static void ReadMadt(byte* table)
    {
        uint length = *(uint*)(table + 4);
        for (uint at = MadtEntries; at + 2 <= length && table[at + 1] >= 2; at += table[at + 1])
        {
            byte* entry = table + at;
            if (*entry == ProcessorEntry && (*(uint*)(entry + 4) & ProcessorEnabled) != 0 && CpuCount < Cpu.Max)
                ids[CpuCount++] = entry[3];
            // The controller of the first lines; others would follow from their first line's number.
            else if (*entry == IoApicEntry && *(uint*)(entry + 8) == 0)
                IoApic.Address = *(uint*)(entry + 4);
        }
    }

    // Where the BIOS puts the root pointer: on a paragraph between 0xE0000 and 1 MiB.
    private static byte* Search()
    {
        const ulong Signature = 0x2052_5450_2044_5352; // "RSD PTR "
        for (ulong at = 0xe_0000; at < 0x10_0000; at += 16)
            if (*(ulong*)PhysicalMap.At(at) == Signature)
                return PhysicalMap.At(at);
        return null;
    }
}
