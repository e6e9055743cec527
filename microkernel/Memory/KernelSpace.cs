namespace Microkernel;

/// <summary>
/// The kernel's own page tables: all memory at <see cref="PhysicalMap.Base"/> (never executable), the image at -2 GiB with text read-only and
/// data not executable. Every address space shares the upper half.
/// </summary>
internal static unsafe class KernelSpace
{
    private const ulong Global = 1 << 8, LargePage = 1 << 7;
    private const ulong Gigabyte = 1ul << 30;
    // 3 GiB to 4 GiB holds no memory on a PC, but the interrupt controllers.
    private const ulong DeviceGigabyte = 3;
    private const ulong Table = PageTree.Present | PageTree.Writable;
    private const ulong Data = PageTree.Present | PageTree.Accessed | PageTree.Dirty | Global;

    /// <summary>Physical address of the top table: loaded while no thread's space is.</summary>
    public static ulong Root;

    /// <summary>Builds the tables from frames of the root account.</summary>
    public static void Build()
    {
        Root = NewTable();
        ulong* top = (ulong*)PhysicalMap.At(Root);
        ulong all = NewTable();
        // The image's GiB is one of the last, which no memory has: one table for both is one less for walks.
        top[256] = top[511] = all | Table;
        for (ulong i = 0; i < PhysicalMap.Length / Gigabyte; i++)
        {
            ulong device = i == DeviceGigabyte ? PageTree.CacheDisable | PageTree.WriteThrough : 0;
            ((ulong*)PhysicalMap.At(all))[i] = i * Gigabyte | Data | PageTree.Writable | LargePage | PageTree.NoExecute | device;
        }
        KernelImage* image = KernelImage.Table;
        for (ulong address = image->TextStart; address < image->End; address += PhysicalMap.PageSize)
        {
            ulong flags = address < image->TextEnd ? Data : address < image->RodataEnd ? Data | PageTree.NoExecute
                : Data | PageTree.NoExecute | PageTree.Writable;
            *Entry(address) = (address - KernelImage.Base) | flags;
        }
    }

    /// <summary>True for addresses of registers that the kernel's tables map as such.</summary>
    public static bool IsDeviceMemory(ulong physical) => physical / Gigabyte == DeviceGigabyte;

    private static ulong NewTable() => PhysicalMap.Of(Boot.NewPage());

    private static ulong* Entry(ulong address)
    {
        ulong* table = (ulong*)PhysicalMap.At(Root);
        for (int shift = 39; shift > 12; shift -= 9)
        {
            ulong* entry = table + ((address >> shift) & 511);
            if (*entry == 0)
                *entry = NewTable() | Table;
            table = (ulong*)PhysicalMap.At(*entry & PageTree.AddressMask);
        }
        return table + ((address >> 12) & 511);
    }

    /// <summary>Gives a new top table the kernel's half.</summary>
    public static void CopyKernelHalf(ulong root) => Machine.CopyWords(PhysicalMap.At(root) + 2048, PhysicalMap.At(Root) + 2048, 2048);
}
