using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Mapping, protection, objects.</summary>
internal static unsafe class MemoryTests
{
    private const ulong At = 0x4000_0000, Other = 0x5000_0000, Page = 4096;
    private const ulong ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write), Self = WellKnownHandle.Self;

    public static void Run()
    {
        Test("anonymous memory is zero, writable, and gone after unmap"u8, &Anonymous);
        Test("protection is enforced, also write xor execute"u8, &Protection);
        Test("equal neighbours become one region, unmap splits it"u8, &MergeAndSplit);
        Test("a shared object shows the same pages twice"u8, &SharedObject);
        Test("a private mapping of an object copies on write"u8, &PrivateObject);
        Test("pages are filled and copied whole, beside the program's vector registers"u8, &WholePages);
        Test("discard gives zero pages or the object's"u8, &Discard);
        Test("moved pages keep their contents"u8, &Move);
        Test("sealed objects are committed and cannot be discarded"u8, &Sealed);
        Test("the window cannot be changed"u8, &WindowIsFixed);
        Test("bad ranges are errors"u8, &BadRanges);
        Test("a stack grows down to its limit"u8, &GrowsDown);
        Test("gaps are found from the top"u8, &Gaps);
        Test("dirty pages are collected"u8, &Dirty);
        Test("destroying an object ends its mappings"u8, &Destroy);
        Test("large ranges map, populate, protect and unmap in steps"u8, &Large);
        Test("device memory is not ordinary memory"u8, &Device);
        Test("the kernel touches no device register for a word or a copy"u8, &DeviceWords);
    }

    private static long Map(ulong address, ulong pages, ulong flags, ulong o = 0, ulong offset = 0) =>
        Kernel.Call(KernelCall.SpaceMap, Self, address, pages * Page, flags, o, offset);

    private static long Unmap(ulong address, ulong pages) => Kernel.Call(KernelCall.SpaceUnmap, Self, address, pages * Page);

    private static long Protect(ulong address, ulong pages, MapFlags flags) => Kernel.Call(KernelCall.SpaceProtect, Self, address, pages * Page, (ulong)flags);

    private static ulong Word(int index) => ((ulong*)&Kernel.Block->Message)[index];

    private static void Anonymous()
    {
        AccountState before = Accounts.State();
        Expect(Map(At, 8, ReadWrite), 0, 1);
        Fails(Map(At, 1, ReadWrite), KernelStatus.Occupied, 2);
        Expect(Kernel.CopyWord(At + 5 * Page), 0, 3);
        Expect(Kernel.StoreWord(At + 5 * Page, 77), 0, 4);
        Expect(Kernel.CopyWord(At + 5 * Page), 77, 5);
        Expect(Kernel.Call(KernelCall.SpaceQuery, Self, At + Page), (long)At, 6);
        Expect((long)Word(1), 8 * 4096, 7);
        Expect((long)Word(5), 4096, 8);
        Expect(Unmap(At, 8), 0, 9);
        Expect(Kernel.CopyWord(At + 5 * Page), -1, 10);
        Accounts.ExpectSame(before, 11);
    }

    private static void Protection()
    {
        Expect(Map(At, 4, ReadWrite), 0, 1);
        Expect(Kernel.StoreWord(At + Page, 5), 0, 2);
        Expect(Protect(At, 4, MapFlags.Read), 0, 3);
        Expect(Kernel.StoreWord(At + Page, 6), -1, 4);
        Expect(Kernel.StoreWord(At + 2 * Page, 6), -1, 5);
        Expect(Kernel.CopyWord(At + Page), 5, 6);
        Expect(Protect(At, 4, MapFlags.None), 0, 7);
        Expect(Kernel.CopyWord(At + Page), -1, 8);
        Expect(Protect(At, 4, MapFlags.Read | MapFlags.Write), 0, 9);
        Expect(Kernel.CopyWord(At + Page), 5, 10);
        Expect(Kernel.StoreWord(At + Page, 6), 0, 11);
        Fails(Protect(At, 4, MapFlags.Read | MapFlags.Write | MapFlags.Execute), KernelStatus.BadArgument, 12);
        Expect(Protect(At, 4, MapFlags.Read | MapFlags.Write | MapFlags.Execute | MapFlags.WriteExecute), 0, 13);
        Fails(Protect(At, 5, MapFlags.Read), KernelStatus.NotMapped, 14);
        Expect(Kernel.StoreWord(At + Page, 7), 0, 15);
        Expect(Unmap(At, 4), 0, 16);
    }

    private static void MergeAndSplit()
    {
        Expect(Map(At, 2, ReadWrite), 0, 1);
        Expect(Map(At + 2 * Page, 2, ReadWrite), 0, 2);
        Expect(Kernel.Call(KernelCall.SpaceQuery, Self, At), (long)At, 3);
        Expect((long)Word(1), 4 * 4096, 4);
        Expect(Unmap(At + Page, 1), 0, 5);
        Expect(Kernel.Call(KernelCall.SpaceQuery, Self, At), (long)At, 6);
        Expect((long)Word(1), 4096, 7);
        Expect(Kernel.Call(KernelCall.SpaceQuery, Self, At + Page), (long)(At + 2 * Page), 8);
        Expect(Map(At + Page, 1, ReadWrite), 0, 9);
        Expect(Kernel.Call(KernelCall.SpaceQuery, Self, At + 3 * Page), (long)At, 10);
        Expect(Map(At, 4, (ulong)(MapFlags.Read | MapFlags.Replace)), 0, 11);
        Expect(Unmap(At, 16), 0, 12);
    }

    private static void SharedObject()
    {
        AccountState before = Accounts.State();
        long o = Kernel.Call(KernelCall.MemoryCreate, 0, 16 * Page, 0);
        Expect(Map(At, 16, ReadWrite | (ulong)MapFlags.Shared, (ulong)o), 0, 1);
        Expect(Map(Other, 8, ReadWrite | (ulong)MapFlags.Shared, (ulong)o, 8 * Page), 0, 2);
        Expect(Kernel.StoreWord(At + 9 * Page + 12, 1234), 0, 3);
        Expect(Kernel.CopyWord(Other + Page + 12), 1234, 4);
        Expect(Kernel.Call(KernelCall.MemoryQuery, (ulong)o), 4096, 5);
        long readOnly = Kernel.Call(KernelCall.HandleDuplicate, (ulong)o, (ulong)Rights.Read);
        Fails(Map(Other + 64 * Page, 8, ReadWrite | (ulong)MapFlags.Shared, (ulong)readOnly), KernelStatus.NoRight, 6);
        Expect(Map(Other + 64 * Page, 8, (ulong)(MapFlags.Read | MapFlags.Shared), (ulong)readOnly), 0, 7);
        Fails(Protect(Other + 64 * Page, 8, MapFlags.Read | MapFlags.Write), KernelStatus.NoRight, 8);
        Expect(Kernel.Call(KernelCall.HandleClose, (ulong)o), 0, 9);
        Expect(Kernel.Call(KernelCall.HandleClose, (ulong)readOnly), 0, 10);
        Expect(Kernel.CopyWord(Other + Page + 12), 1234, 11);
        Expect(Unmap(At, 16), 0, 12);
        Expect(Unmap(Other, 128), 0, 13);
        Accounts.ExpectSame(before, 14);
    }

    private static void PrivateObject()
    {
        AccountState before = Accounts.State();
        long o = Kernel.Call(KernelCall.MemoryCreate, 0, 4 * Page, 0);
        Map(At, 4, ReadWrite | (ulong)MapFlags.Shared, (ulong)o);
        Expect(Kernel.StoreWord(At, 1), 0, 1);
        Expect(Map(Other, 4, ReadWrite, (ulong)o), 0, 2);
        Expect(Kernel.CopyWord(Other), 1, 3);
        Expect(Kernel.StoreWord(At, 2), 0, 4);
        Expect(Kernel.CopyWord(Other), 2, 5);
        Expect(Kernel.StoreWord(Other, 3), 0, 6);
        Expect(Kernel.CopyWord(At), 2, 7);
        Expect(Kernel.CopyWord(Other), 3, 8);
        // Beyond the object's end.
        Expect(Map(Other + 16 * Page, 8, ReadWrite, (ulong)o), 0, 9);
        Expect(Kernel.CopyWord(Other + 20 * Page), -1, 10);
        Unmap(At, 4);
        Unmap(Other, 32);
        Kernel.Call(KernelCall.HandleClose, (ulong)o);
        Accounts.ExpectSame(before, 11);
    }

    // The kernel moves pages through registers that are the program's.
    private static void WholePages()
    {
        const ulong zero = 0x1122_3344_0000_0000, copied = 0x5566_7788_0000_0000;
        AccountState before = Accounts.State();
        long o = Kernel.Call(KernelCall.MemoryCreate, 0, Page, 0);
        Map(At, 1, ReadWrite | (ulong)MapFlags.Shared, (ulong)o);
        Expect(Kernel.VectorFaultCheck(zero, At), 0, 1);
        ulong* source = (ulong*)At;
        Expect((long)source[0], 1, 2);
        for (int i = 1; i < 512; i++)
        {
            Expect((long)source[i], 0, 3);
            source[i] = zero + (ulong)i;
        }

        Expect(Map(Other, 1, ReadWrite, (ulong)o), 0, 4);
        Expect(Kernel.CopyWord(Other), 1, 5);
        Expect(Kernel.VectorFaultCheck(copied, Other), 0, 6);
        source[1] = 0;
        ulong* copy = (ulong*)Other;
        for (int i = 1; i < 512; i++)
            Expect((long)copy[i], (long)(zero + (ulong)i), 7);
        Unmap(At, 1);
        Unmap(Other, 1);
        Kernel.Call(KernelCall.HandleClose, (ulong)o);
        Accounts.ExpectSame(before, 8);
    }

    private static void Discard()
    {
        Map(At, 4, ReadWrite);
        Kernel.StoreWord(At + Page, 9);
        Expect(Kernel.Call(KernelCall.SpaceDiscard, Self, At, 4 * Page), 0, 1);
        Expect(Kernel.CopyWord(At + Page), 0, 2);
        Unmap(At, 4);
        long o = Kernel.Call(KernelCall.MemoryCreate, 0, 4 * Page, 0);
        Map(At, 4, ReadWrite | (ulong)MapFlags.Shared, (ulong)o);
        Map(Other, 4, ReadWrite, (ulong)o);
        Kernel.StoreWord(At, 5);
        Kernel.StoreWord(Other, 6);
        Kernel.Call(KernelCall.SpaceDiscard, Self, Other, 4 * Page);
        Expect(Kernel.CopyWord(Other), 5, 3);
        Expect(Kernel.Call(KernelCall.MemoryDiscard, (ulong)o, 0, 4 * Page), 0, 4);
        Expect(Kernel.CopyWord(At), 0, 5);
        Expect(Kernel.CopyWord(Other), 0, 6);
        Unmap(At, 4);
        Unmap(Other, 4);
        Kernel.Call(KernelCall.HandleClose, (ulong)o);
    }

    private static void Move()
    {
        AccountState before = Accounts.State();
        const ulong Pages = 1000;
        Map(At, Pages, ReadWrite);
        for (ulong i = 0; i < Pages; i += 10)
            Kernel.StoreWord(At + i * Page, (uint)i);
        Fails(Kernel.Call(KernelCall.SpaceMove, Self, At, Pages * Page, At + 5 * Page), KernelStatus.BadArgument, 1);
        Expect(Kernel.Call(KernelCall.SpaceMove, Self, At, Pages * Page, Other), 0, 2);
        for (ulong i = 0; i < Pages; i += 10)
            Expect(Kernel.CopyWord(Other + i * Page), (long)i, 3);
        Expect(Kernel.CopyWord(At), -1, 4);
        Expect(Kernel.Call(KernelCall.SpaceQuery, Self, Other), (long)Other, 5);
        Expect((long)Word(1), (long)(Pages * Page), 6);
        Unmap(Other, Pages);
        Accounts.ExpectSame(before, 7);
    }

    private static void Sealed()
    {
        AccountState before = Accounts.State();
        long o = Kernel.Call(KernelCall.MemoryCreate, 0, 700 * Page, (ulong)MemoryFlags.Sealed);
        Expect(o > 0, 1);
        Expect(Kernel.Call(KernelCall.MemoryQuery, (ulong)o), 700 * 4096, 2);
        Expect((long)Word(1), (long)MemoryFlags.Sealed, 3);
        Fails(Kernel.Call(KernelCall.MemoryDiscard, (ulong)o, 0, Page), KernelStatus.BadState, 4);
        Kernel.Call(KernelCall.HandleClose, (ulong)o);
        Fails(Kernel.Call(KernelCall.MemoryCreate, 0, 1ul << 40, (ulong)MemoryFlags.Sealed), KernelStatus.NoMemory, 5);
        Accounts.ExpectSame(before, 6);
    }

    private static void WindowIsFixed()
    {
        Fails(Unmap(Window.Vdso, 1), KernelStatus.BadArgument, 1);
        Fails(Unmap(Window.Vdso - Page, 2), KernelStatus.BadArgument, 2);
        Fails(Protect(Window.ThreadBlocks, 1, MapFlags.Read), KernelStatus.BadArgument, 3);
        Fails(Map(Window.Heap, 1, ReadWrite | (ulong)MapFlags.Replace), KernelStatus.Occupied, 4);
        Fails(Kernel.Call(KernelCall.SpaceMove, Self, Window.Heap, Page, At), KernelStatus.BadArgument, 5);
        Expect(Kernel.StoreWord(Window.KernelPageAddress, 1), -1, 6);
        Expect(Kernel.StoreWord(Window.Base, 1), -1, 7);
        Expect(Map(Window.Shared, 1, ReadWrite), 0, 8);
        Expect(Unmap(Window.Shared, 1), 0, 9);
    }

    private static void BadRanges()
    {
        Fails(Map(At + 1, 1, ReadWrite), KernelStatus.BadArgument, 1);
        Fails(Map(0, 1, ReadWrite), KernelStatus.BadArgument, 2);
        Fails(Map(Window.Top - Page, 2, ReadWrite), KernelStatus.BadArgument, 3);
        Fails(Map(0xffff_8000_0000_0000, 1, ReadWrite), KernelStatus.BadArgument, 4);
        Fails(Kernel.Call(KernelCall.SpaceMap, Self, At, ulong.MaxValue & ~4095ul, ReadWrite), KernelStatus.BadArgument, 5);
        Fails(Kernel.Call(KernelCall.SpaceMap, Self, At, 0, ReadWrite), KernelStatus.BadArgument, 6);
        Fails(Map(At, 1, 1ul << 40), KernelStatus.BadArgument, 7);
        Fails(Map(At, 1, ReadWrite | (ulong)MapFlags.Shared), KernelStatus.BadArgument, 8);
        Expect(Kernel.CopyWord(0xffff_8000_0000_0000), -1, 9);
        Expect(Kernel.CopyWord(0x8000_0000_0000_0000), -1, 10);
        Expect(Kernel.CopyWord(0), -1, 11);
    }

    private static void GrowsDown()
    {
        ulong top = At + (1ul << 24);
        Expect(Map(top - Page, 1, ReadWrite | (ulong)MapFlags.GrowsDown, 16 * Page), 0, 1);
        Expect(Kernel.StoreWord(top - 8, 1), 0, 2);
        Expect(Kernel.StoreWord(top - 10 * Page, 2), 0, 3);
        Expect(Kernel.StoreWord(top - 16 * Page, 2), 0, 4);
        Expect(Kernel.StoreWord(top - 17 * Page, 2), -1, 5);
        Unmap(top - 16 * Page, 16);
        // Something below: a gap of 256 pages stays.
        Map(At, 1, ReadWrite);
        Map(At + 300 * Page, 1, ReadWrite | (ulong)MapFlags.GrowsDown);
        Expect(Kernel.StoreWord(At + 260 * Page, 1), 0, 6);
        Expect(Kernel.StoreWord(At + 256 * Page, 1), -1, 7);
        Unmap(At, 301);
    }

    private static void Gaps()
    {
        Map(At, 4, ReadWrite);
        Map(At + 8 * Page, 4, ReadWrite);
        Expect(Kernel.Call(KernelCall.SpaceFindGap, Self, 4 * Page, At, At + 12 * Page, 0), (long)(At + 4 * Page), 1);
        Fails(Kernel.Call(KernelCall.SpaceFindGap, Self, 5 * Page, At, At + 12 * Page, 0), KernelStatus.NoMemory, 2);
        Expect(Kernel.Call(KernelCall.SpaceFindGap, Self, 2 * Page, At, At + 12 * Page, 0), (long)(At + 6 * Page), 3);
        Expect(Kernel.Call(KernelCall.SpaceFindGap, Self, Page, At, At + 64 * Page, 0), (long)(At + 63 * Page), 4);
        Fails(Kernel.Call(KernelCall.SpaceFindGap, Self, 2 * Page, At, At + 12 * Page, 8 * Page), KernelStatus.NoMemory, 5);
        Expect(Kernel.Call(KernelCall.SpaceFindGap, Self, Page, 0x10000, Window.Vdso, 0), (long)(Window.Vdso - Page), 6);
        Unmap(At, 16);
        GapsThatCome();
    }

    // The kernel remembers where a search has ended: gaps that come above that are found.
    private static void GapsThatCome()
    {
        Map(At, 32, ReadWrite);
        Unmap(At + 2 * Page, 4);
        Expect(Gap(4), (long)(At + 2 * Page), 7);
        Expect(Gap(3), (long)(At + 3 * Page), 8);
        Unmap(At + 20 * Page, 2);
        Expect(Gap(2), (long)(At + 20 * Page), 9);
        Expect(Gap(4), (long)(At + 2 * Page), 10);
        // It grows upwards to what is mapped next, and over the end of the range.
        Unmap(At + 22 * Page, 3);
        Expect(Gap(4), (long)(At + 21 * Page), 11);
        Expect(Gap(5), (long)(At + 20 * Page), 12);
        Map(At + 20 * Page, 5, ReadWrite);
        Expect(Gap(4), (long)(At + 2 * Page), 13);
        Expect(Kernel.Call(KernelCall.SpaceMove, Self, At + 24 * Page, 6 * Page, At + 64 * Page, 0), 0, 14);
        Expect(Gap(4), (long)(At + 26 * Page), 15);
        Unmap(At + 30 * Page, 2);
        Expect(Gap(8), (long)(At + 24 * Page), 16);
        Unmap(At, 80);
    }

    private static long Gap(ulong pages) => Kernel.Call(KernelCall.SpaceFindGap, Self, pages * Page, At, At + 32 * Page, 0);

    private static void Dirty()
    {
        long o = Kernel.Call(KernelCall.MemoryCreate, 0, 128 * Page, 0);
        Map(At, 128, ReadWrite | (ulong)MapFlags.Shared, (ulong)o);
        Kernel.StoreWord(At + 3 * Page, 1);
        Kernel.StoreWord(At + 70 * Page, 1);
        Kernel.CopyWord(At + 5 * Page);
        Expect(Kernel.Call(KernelCall.MemoryCollectDirty, (ulong)o, 0, 128 * Page), 0, 1);
        Expect((long)Word(0), 1 << 3, 2);
        Expect((long)Word(1), 1 << 6, 3);
        Kernel.Call(KernelCall.MemoryCollectDirty, (ulong)o, 0, 128 * Page);
        Expect((long)(Word(0) | Word(1)), 0, 4);
        Kernel.StoreWord(At + 3 * Page, 2);
        Unmap(At, 128);
        Kernel.Call(KernelCall.MemoryCollectDirty, (ulong)o, 0, 128 * Page);
        Expect((long)Word(0), 1 << 3, 5);
        // What is written after that and before the page goes is not lost: its frame may be another object's too.
        Map(At, 128, ReadWrite | (ulong)MapFlags.Shared, (ulong)o);
        Kernel.StoreWord(At + 3 * Page, 3);
        Kernel.CopyWord(At + 4 * Page);
        Kernel.Call(KernelCall.MemoryDiscard, (ulong)o, 2 * Page, 4 * Page, 0);
        Expect((long)Word(0), 1 << 1, 6);
        Kernel.Call(KernelCall.MemoryDiscard, (ulong)o, 2 * Page, 4 * Page, 0);
        Expect((long)Word(0), 0, 7);
        Unmap(At, 128);
        Kernel.Call(KernelCall.HandleClose, (ulong)o);
    }

    private static void Destroy()
    {
        AccountState before = Accounts.State();
        long o = Kernel.Call(KernelCall.MemoryCreate, 0, 2000 * Page, 0);
        Map(At, 2000, ReadWrite | (ulong)MapFlags.Shared, (ulong)o);
        Expect(Kernel.Call(KernelCall.SpacePopulate, Self, At, 2000 * Page), 0, 1);
        Expect(Kernel.Call(KernelCall.MemoryDestroy, (ulong)o), 0, 2);
        Expect(Kernel.CopyWord(At + 100 * Page), -1, 3);
        Fails(Map(Other, 1, (ulong)(MapFlags.Read | MapFlags.Shared), (ulong)o), KernelStatus.BadState, 4);
        Unmap(At, 2000);
        Kernel.Call(KernelCall.HandleClose, (ulong)o);
        Accounts.ExpectSame(before, 5);
    }

    private static void Large()
    {
        AccountState before = Accounts.State();
        const ulong Pages = 3000;
        Expect(Map(At, Pages, ReadWrite), 0, 1);
        Expect(Kernel.Call(KernelCall.SpacePopulate, Self, At, Pages * Page), 0, 2);
        Expect(Kernel.Call(KernelCall.SpaceQuery, Self, At), (long)At, 3);
        Expect((long)Word(5), (long)(Pages * Page), 4);
        Expect(Protect(At, Pages, MapFlags.Read), 0, 5);
        Expect(Kernel.StoreWord(At + 2999 * Page, 1), -1, 6);
        Expect(Kernel.Call(KernelCall.SpaceQuery, Self, At), (long)At, 7);
        Expect((long)Word(1), (long)(Pages * Page), 8);
        Expect(Unmap(At, Pages), 0, 9);
        Accounts.ExpectSame(before, 10);
        // A terabyte without pages costs nothing.
        Expect(Map(1ul << 41, 1ul << 28, ReadWrite), 0, 11);
        Expect(Kernel.StoreWord((1ul << 41) + (1ul << 39), 1), 0, 12);
        Expect(Unmap(1ul << 41, 1ul << 28), 0, 13);
        Accounts.ExpectSame(before, 14);
    }

    private static void Device()
    {
        const ulong Machine = WellKnownHandle.BootMachine;
        Fails(Kernel.Call(KernelCall.MemoryDevice, Machine, 0x20_0000, Page), KernelStatus.BadArgument, 1);
        Fails(Kernel.Call(KernelCall.MemoryDevice, Machine, 0xfee0_0000, Page), KernelStatus.BadArgument, 2);
        long hpet = Kernel.Call(KernelCall.MemoryDevice, Machine, 0xfed0_0000, Page);
        // The HPET lies between the interrupt controllers: also the kernel's own.
        Fails(hpet, KernelStatus.BadArgument, 3);
        long vga = Kernel.Call(KernelCall.MemoryDevice, Machine, 0xb_8000, Page);
        Expect(vga > 0, 4);
        Expect(Map(At, 1, (ulong)(MapFlags.Read | MapFlags.Shared), (ulong)vga), 0, 5);
        Expect(Kernel.CopyWord(At) != -1, 6);
        Unmap(At, 1);
        Kernel.Call(KernelCall.HandleClose, (ulong)vga);
        long ports = Kernel.Call(KernelCall.IoPortsCreate, Machine, 0x61, 1);
        Expect(Kernel.Call(KernelCall.PortRead, (ulong)ports, 0x61, 1) >= 0, 7);
        Fails(Kernel.Call(KernelCall.PortRead, (ulong)ports, 0x61, 2), KernelStatus.BadArgument, 8);
        Fails(Kernel.Call(KernelCall.PortRead, (ulong)ports, 0x60, 1), KernelStatus.BadArgument, 9);
        // Beyond 2^64, so within the range again.
        Fails(Kernel.Call(KernelCall.PortRead, (ulong)ports, ulong.MaxValue, 1), KernelStatus.BadArgument, 10);
        Fails(Kernel.Call(KernelCall.PortRead, (ulong)ports, ulong.MaxValue - 1, 4), KernelStatus.BadArgument, 11);
        Kernel.Call(KernelCall.HandleClose, (ulong)ports);
    }

    // Registers may lie where the kernel's map of memory does not reach, and reading one can change the device: the kernel touches none.
    private static void DeviceWords()
    {
        // The emulated CPU has physical addresses of 40 bits; the kernel maps 36 of them.
        const ulong FarAway = 1ul << 39, TooFar = 1ul << 45;
        long device = Kernel.Call(KernelCall.MemoryDevice, WellKnownHandle.BootMachine, FarAway, Page);
        Expect(device > 0, 1);
        Expect(Map(At, 1, ReadWrite | (ulong)MapFlags.Shared, (ulong)device), 0, 2);
        Fails(Kernel.Call(KernelCall.WordWait, At, 0, 0), KernelStatus.Fault, 3);
        Fails(Kernel.Call(KernelCall.WordRequeue, At, 0, At + 4, 0, 0, 1), KernelStatus.Fault, 4);
        Work work;
        Threads.Start(&work, &ExitAt, At);
        while (Kernel.Call(KernelCall.ThreadSlotInUse, work.Slot) == 1)
            Threads.Sleep(20_000);
        Kernel.Call(KernelCall.HandleClose, (ulong)work.Handle);
        Unmap(At, 1);
        // Nor is there a private copy of it.
        Fails(Map(At, 1, ReadWrite, (ulong)device), KernelStatus.BadArgument, 5);
        Expect(Kernel.StoreWord(At, 1), -1, 6);
        Kernel.Call(KernelCall.HandleClose, (ulong)device);
        // What no CPU can reach is a fault, not one fault after the other.
        device = Kernel.Call(KernelCall.MemoryDevice, WellKnownHandle.BootMachine, TooFar, Page);
        Expect(Map(At, 1, ReadWrite | (ulong)MapFlags.Shared, (ulong)device), 0, 7);
        Expect(Kernel.CopyWord(At), -1, 8);
        Unmap(At, 1);
        Kernel.Call(KernelCall.HandleClose, (ulong)device);
    }

    private static void ExitAt(ulong word) => Kernel.Call(KernelCall.ThreadExit, 0, word);
}
