using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Messages of devices, and what devices may reach.</summary>
internal static unsafe class DmaTests
{
    private const ulong Machine = WellKnownHandle.BootMachine, Self = WellKnownHandle.Self;
    private const ulong ReadWriteShared = (ulong)(MapFlags.Read | MapFlags.Write | MapFlags.Shared);
    private const ulong At = 0x3000_0000, OthersAt = 0x3100_0000, Others = 500;

    public static void Run()
    {
        Test("a device interrupts by message"u8, &Messages);
        Test("pins say where pages are, and belong to the domain"u8, &Pins);
        Test("the right to map the machine makes what devices need, and nothing else"u8, &Devices);
        Test("a device that goes on writing harms nobody"u8, &Quarantine);
        Test("a device reaches what is pinned for it, and with an IOMMU nothing else"u8, &Confined);
    }

    private static void Messages()
    {
        // The frame that lists the leaves of the handle table comes with the first high number, and stays.
        long first = Kernel.Call(KernelCall.NotificationCreate);
        Expect(Kernel.Call(KernelCall.HandleInstall, Self, 20000, (ulong)first, (ulong)Rights.All), 20000, 13);
        Kernel.Call(KernelCall.HandleClose, 20000);
        Kernel.Call(KernelCall.HandleClose, (ulong)first);
        AccountState before = Accounts.State();
        ulong* words = (ulong*)&Kernel.Block->Message;
        EduDevice device = default;
        Expect(device.Open(), 1);
        long n = Kernel.Call(KernelCall.NotificationCreate);
        long interrupt = Kernel.Call(KernelCall.InterruptCreateMessage, Machine, (ulong)n, 4);
        ulong address = words[0], data = words[1];
        Expect(interrupt > 0, 2);
        long other = Kernel.Call(KernelCall.InterruptCreateMessage, Machine, (ulong)n, 8);
        Expect(other > 0 && words[1] != data, 3);
        Expect(device.EnableMessages(address, data), 4);
        for (int i = 0; i < 5; i++)
        {
            device.Interrupt();
            Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)n, Threads.Now + 1_000_000_000), 4, 5);
            device.Acknowledge();
            Expect(Kernel.Call(KernelCall.InterruptAcknowledge, (ulong)interrupt), 0, 6);
        }
        Kernel.Call(KernelCall.HandleClose, (ulong)interrupt);
        device.Interrupt();
        Fails(Kernel.Call(KernelCall.NotificationWait, (ulong)n, Threads.Now + 5_000_000), KernelStatus.TimedOut, 7);
        device.Acknowledge();
        Fails(Kernel.Call(KernelCall.InterruptCreateMessage, (ulong)n, (ulong)n, 4), KernelStatus.BadHandle, 8);
        // All vectors, then none.
        int made = 0;
        while (made < 300 && Kernel.Call(KernelCall.InterruptCreateMessage, Machine, (ulong)n, 4) is > 0 and long handle)
        {
            made++;
            Kernel.Call(KernelCall.HandleInstall, Self, (ulong)(20000 + made), (ulong)handle, (ulong)Rights.All);
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        }
        Expect(made >= 63 && made < 300, 9);
        Fails(Kernel.Call(KernelCall.InterruptCreateMessage, Machine, (ulong)n, 4), KernelStatus.NoHandle, 10);
        for (; made > 0; made--)
            Expect(Kernel.Call(KernelCall.HandleClose, (ulong)(20000 + made)), 0, 11);
        foreach (long handle in (System.ReadOnlySpan<long>)[other, n])
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        device.Close();
        // The leaf of the handle table that the high numbers needed stays.
        AccountState after = Accounts.State();
        Expect(after.Handles == before.Handles && after.Frames <= before.Frames + 3, 12);
    }

    private static long Object(ulong account, ulong pages, ulong address, ulong flags = 0)
    {
        long o = Kernel.Call(KernelCall.MemoryCreate, account, pages * 4096, flags);
        Expect(Kernel.Call(KernelCall.SpaceMap, Self, address, pages * 4096, ReadWriteShared, (ulong)o), 0, 90);
        return o;
    }

    private static void Devices()
    {
        AccountState before = Accounts.State();
        long machine = Kernel.Call(KernelCall.HandleDuplicate, Machine, (ulong)Rights.Map);
        long n = Kernel.Call(KernelCall.NotificationCreate);
        long account = Kernel.Call(KernelCall.AccountCreate, WellKnownHandle.BootAccount, 100, 10);
        long registers = Kernel.Call(KernelCall.MemoryDevice, (ulong)machine, 0xb000_0000, 4096, (ulong)account);
        long interrupt = Kernel.Call(KernelCall.InterruptCreateMessage, (ulong)machine, (ulong)n, 1, (ulong)account);
        long domain = Kernel.Call(KernelCall.DmaDomainCreate, (ulong)machine, (ulong)account);
        Expect(registers > 0 && interrupt > 0 && domain > 0, 1);
        // Memory is not a device's, nor is what touches it.
        Fails(Kernel.Call(KernelCall.MemoryDevice, (ulong)machine, 0x10_0000, 4096, 0), KernelStatus.BadArgument, 2);
        Fails(Kernel.Call(KernelCall.IoPortsCreate, (ulong)machine, 0x3f8, 8), KernelStatus.NoRight, 3);
        Fails(Kernel.Call(KernelCall.InterruptCreate, (ulong)machine, 4, (ulong)n, 1), KernelStatus.NoRight, 4);
        Fails(Kernel.Call(KernelCall.ClockSet, (ulong)machine, 0), KernelStatus.NoRight, 5);
        Fails(Kernel.Call(KernelCall.Halt, (ulong)machine, 0), KernelStatus.NoRight, 6);
        Fails(Kernel.Call(KernelCall.LogRead, (ulong)machine, 0), KernelStatus.NoRight, 7);
        long log = Kernel.Call(KernelCall.HandleDuplicate, Machine, (ulong)(Rights.Read | Rights.Write | Rights.Manage));
        Fails(Kernel.Call(KernelCall.MemoryDevice, (ulong)log, 0xb000_0000, 4096, 0), KernelStatus.NoRight, 8);
        Fails(Kernel.Call(KernelCall.InterruptCreateMessage, (ulong)log, (ulong)n, 1, 0), KernelStatus.NoRight, 9);
        Fails(Kernel.Call(KernelCall.DmaDomainCreate, (ulong)log, 0), KernelStatus.NoRight, 10);
        Fails(Kernel.Call(KernelCall.DmaFaults, (ulong)log, (ulong)interrupt), KernelStatus.NoRight, 13);
        Fails(Kernel.Call(KernelCall.DmaFault, (ulong)log), KernelStatus.NoRight, 14);
        Fails(Kernel.Call(KernelCall.DmaDomainCreate, (ulong)machine, 0, 0x1_0001), KernelStatus.BadArgument, 15);
        // Only an account that may be managed pays.
        long readable = Kernel.Call(KernelCall.HandleDuplicate, (ulong)account, (ulong)Rights.Read);
        Fails(Kernel.Call(KernelCall.MemoryDevice, (ulong)machine, 0xb000_0000, 4096, (ulong)readable), KernelStatus.NoRight, 11);
        foreach (long handle in (System.ReadOnlySpan<long>)[registers, interrupt, domain, log, readable, machine, n, account])
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        Accounts.ExpectSame(before, 12);
    }

    private static void Pins()
    {
        AccountState before = Accounts.State();
        ulong* words = (ulong*)&Kernel.Block->Message;
        long domain = Kernel.Call(KernelCall.DmaDomainCreate, Machine, 0);
        long o = Object(0, 700, At);
        long first = Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, 4096);
        Expect(first > 0, 1);
        ulong address = words[0];
        long all = Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, 256 * 4096);
        Expect(all > 0 && all != first, 2);
        Expect((long)words[0], (long)address, 3);
        for (int i = 1; i < 256; i++)
            Expect(words[i] != 0 && (words[i] & 4095) == 0 && words[i] != words[i - 1], 4);
        Expect(Kernel.Call(KernelCall.MemoryQuery, (ulong)o), 256 * 4096, 5);
        Expect(Kernel.Call(KernelCall.DmaQuery, (ulong)domain), 0, 6);
        Expect(words[0] == 2 && words[1] == 257, 7);
        // As many as one page each.
        for (ulong i = 0; i < 700; i++)
            Expect(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, i * 4096, 4096) > 0, 8);
        Expect(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, (ulong)first), 0, 9);
        Fails(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, (ulong)first), KernelStatus.BadArgument, 10);
        Fails(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, 1ul << 40), KernelStatus.BadArgument, 11);
        Fails(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, 257 * 4096), KernelStatus.BadArgument, 12);
        Fails(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 699 * 4096, 2 * 4096), KernelStatus.BadArgument, 13);
        long readable = Kernel.Call(KernelCall.HandleDuplicate, (ulong)o, (ulong)Rights.Read);
        Fails(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)readable, 0, 4096), KernelStatus.NoRight, 14);
        long device = Kernel.Call(KernelCall.MemoryDevice, Machine, 0xb000_0000, 4096);
        Fails(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)device, 0, 4096), KernelStatus.BadState, 15);
        long endpoint = Kernel.Call(KernelCall.EndpointCreate);
        long paged = Kernel.Call(KernelCall.MemoryCreatePaged, 0, 2 * 4096, (ulong)endpoint, 1);
        Fails(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)paged, 0, 2 * 4096), KernelStatus.NotMapped, 16);
        // A page keeps its pins when it moves to another object.
        Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, 4096);
        address = words[0];
        Expect(Kernel.Call(KernelCall.MemorySupply, (ulong)paged, 0, 4096, (ulong)o, 0), 0, 17);
        Expect(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)paged, 0, 4096) > 0 && words[0] == address, 18);
        // The driver's handle: without Manage. It goes, the supervisor's stays, and so do the pins.
        long driver = Kernel.Call(KernelCall.HandleDuplicate, (ulong)domain, (ulong)(Rights.Signal | Rights.Duplicate));
        Fails(Kernel.Call(KernelCall.DmaUnpin, (ulong)driver, 0), KernelStatus.NoRight, 19);
        Kernel.Call(KernelCall.HandleClose, (ulong)driver);
        Kernel.Call(KernelCall.DmaQuery, (ulong)domain);
        Expect(words[0] == 703 && words[1] == 256 + 702, 20);
        Expect(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, 0), 0, 21);
        Kernel.Call(KernelCall.DmaQuery, (ulong)domain);
        Expect(words[0] == 0 && words[1] == 0, 22);
        // The last handle closes with pins.
        Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 4096, 100 * 4096);
        foreach (long handle in (System.ReadOnlySpan<long>)[domain, readable, device, paged, endpoint, o])
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        Kernel.Call(KernelCall.SpaceUnmap, Self, At, 700 * 4096);
        Accounts.ExpectSame(before, 23);
    }

    private static void Quarantine()
    {
        AccountState before = Accounts.State();
        ulong* words = (ulong*)&Kernel.Block->Message;
        EduDevice device = default;
        Expect(device.Open(), 1);
        long account = Kernel.Call(KernelCall.AccountCreate, WellKnownHandle.BootAccount, 1000, 10);
        long domain = Kernel.Call(KernelCall.DmaDomainCreate, Machine, 0, device.NumberPlusOne);
        long o = Object((ulong)account, 3, At, (ulong)MemoryFlags.Sealed);
        for (ulong i = 0; i < 512; i++)
            ((ulong*)At)[i] = 0x1234_5678_0000_0000 + i;
        Expect(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, 2 * 4096) > 0, 2);
        ulong source = words[0], target = words[1];
        device.ReadPage(source);
        device.WritePage(target);
        bool same = true;
        for (ulong i = 0; i < EduDevice.CopyLength / sizeof(ulong); i++)
            same &= ((ulong*)At)[512 + i] == 0x1234_5678_0000_0000 + i;
        Expect(same, 3);
        // The object goes while its pages are pinned: they stay charged.
        Expect(Kernel.Call(KernelCall.MemoryDestroy, (ulong)o), 0, 4);
        Expect(Kernel.CopyWord(At), -1, 5);
        Kernel.Call(KernelCall.SpaceUnmap, Self, At, 3 * 4096);
        Kernel.Call(KernelCall.HandleClose, (ulong)o);
        Accounts.State();
        Kernel.Call(KernelCall.AccountQuery, (ulong)account);
        Expect((long)words[1], 2, 6);
        // Whoever gets memory now does not get those pages.
        Kernel.Call(KernelCall.SpaceMap, Self, OthersAt, Others * 4096, (ulong)(MapFlags.Read | MapFlags.Write));
        Kernel.Call(KernelCall.SpacePopulate, Self, OthersAt, Others * 4096);
        device.WritePage(target);
        bool clean = true;
        for (ulong i = 0; i < Others * 512; i++)
            clean &= ((ulong*)OthersAt)[i] == 0;
        Expect(clean, 7);
        Kernel.Call(KernelCall.SpaceUnmap, Self, OthersAt, Others * 4096);
        // The device is quiet: the pages go back, and the account, closed meanwhile, with them.
        Kernel.Call(KernelCall.HandleClose, (ulong)account);
        Expect(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, 0), 0, 8);
        Kernel.Call(KernelCall.HandleClose, (ulong)domain);
        device.Close();
        Accounts.ExpectSame(before, 9);
    }

    private const ulong Pages = 80, First = 0x1234_5678_0000_0000;

    // Fills a page, and says whether a page has that content in what the device copies.
    private static void Fill(ulong page, ulong number)
    {
        for (ulong i = 0; i < 512; i++)
            ((ulong*)(At + page * 4096))[i] = First + number + i;
    }

    private static bool Has(ulong page, ulong number)
    {
        bool same = true;
        for (ulong i = 0; i < EduDevice.CopyLength / sizeof(ulong); i++)
            same &= ((ulong*)(At + page * 4096))[i] == First + number + i;
        return same;
    }

    private static void Confined()
    {
        AccountState before = Accounts.State();
        ulong* words = (ulong*)&Kernel.Block->Message;
        EduDevice device = default;
        Expect(device.Open(), 1);
        ulong number = device.NumberPlusOne;
        long n = Kernel.Call(KernelCall.NotificationCreate);
        long interrupt = Kernel.Call(KernelCall.InterruptCreateMessage, Machine, (ulong)n, 2);
        long confines = Kernel.Call(KernelCall.DmaFaults, Machine, (ulong)interrupt);
        bool isConfined = confines == 0;
        if (!isConfined)
            Fails(confines, KernelStatus.BadState, 2);
        long o = Object(0, Pages, At, (ulong)MemoryFlags.Sealed);
        // Where all pages are, by pins of a domain that is no device's: those let no device have anything.
        ulong* where = stackalloc ulong[(int)Pages];
        long nobodys = Kernel.Call(KernelCall.DmaDomainCreate, Machine, 0);
        Expect(Kernel.Call(KernelCall.DmaPin, (ulong)nobodys, (ulong)o, 0, Pages * 4096) > 0, 3);
        for (ulong i = 0; i < Pages; i++)
            where[i] = words[i];
        long domain = Kernel.Call(KernelCall.DmaDomainCreate, Machine, 0, number);
        long both = Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, 2 * 4096);
        long again = Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 4096, 4096);
        Fill(0, 0);
        device.ReadPage(where[0]);
        device.WritePage(where[1]);
        Expect(Has(1, 0), 4);
        if (isConfined)
        {
            // A page that nobody lent it is neither written nor read, and both are told.
            Fill(2, 7);
            device.WritePage(where[2]);
            Expect(Has(2, 7), 5);
            Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)n, Threads.Now + 1_000_000_000), 2, 6);
            ExpectFault(number, where[2], write: true, 7);
            device.ReadPage(where[2]);
            ExpectFault(number, where[2], write: false, 8);
            Fails(Kernel.Call(KernelCall.DmaFault, Machine), KernelStatus.WouldBlock, 9);
            // The kernel's own image, and what is no memory at all.
            device.WritePage(0x10_0000);
            ExpectFault(number, 0x10_0000, write: true, 10);
            device.WritePage(0xfed_9000);
            ExpectFault(number, 0xfed_9000, write: true, 11);
            // Pinned twice: until the last pin ends.
            device.ReadPage(where[0]);
            Fill(1, 9);
            // Whoever lends it memory learns from now on that it was refused some.
            Fails(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, (ulong)again), KernelStatus.BadState, 12);
            device.WritePage(where[1]);
            Expect(Has(1, 0), 13);
            Fill(1, 9);
            Fails(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, (ulong)both), KernelStatus.BadState, 14);
            Fails(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, (ulong)both), KernelStatus.BadArgument, 29);
            device.WritePage(where[1]);
            Expect(Has(1, 9), 15);
            ExpectFault(number, where[1], write: true, 16);
            // Many at once, and one after the other until a frame cannot be counted any more.
            Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, Pages * 4096);
            device.WritePage(where[Pages - 1]);
            Expect(Has(Pages - 1, 0), 17);
            Expect(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, 0), 0, 18);
            Fill(Pages - 1, 3);
            device.WritePage(where[Pages - 1]);
            Expect(Has(Pages - 1, 3), 19);
            ExpectFault(number, where[Pages - 1], write: true, 20);
            int pins = 0;
            while (pins < 2000 && Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, 4096) > 0)
                pins++;
            Expect(pins, 1023, 21);
            // The device's next domain has nothing of this one, and ends with its handle.
            long next = Kernel.Call(KernelCall.DmaDomainCreate, Machine, 0, number);
            device.WritePage(where[0]);
            ExpectFault(number, where[0], write: true, 22);
            Kernel.Call(KernelCall.HandleClose, (ulong)next);
            next = Kernel.Call(KernelCall.DmaDomainCreate, Machine, 0, number);
            // Not what it was refused before.
            Expect(Kernel.Call(KernelCall.DmaUnpin, (ulong)next, (ulong)Kernel.Call(KernelCall.DmaPin, (ulong)next, (ulong)o, 0, 4096)), 0, 30);
            Kernel.Call(KernelCall.DmaPin, (ulong)next, (ulong)o, 4096, 4096);
            device.WritePage(where[1]);
            Expect(!Has(1, 9), 23);
            // What ends in a domain that the device has no more is not to be believed either.
            Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, 0);
            long late = Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, 4096);
            Fails(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, (ulong)late), KernelStatus.BadState, 31);
            Expect(Kernel.Call(KernelCall.DmaUnpin, (ulong)domain, 0), 0, 24);
            Fill(1, 9);
            device.WritePage(where[1]);
            Expect(!Has(1, 9), 25);
            Kernel.Call(KernelCall.HandleClose, (ulong)next);
            Fill(1, 9);
            device.WritePage(where[1]);
            Expect(Has(1, 9), 26);
            ExpectFault(number, where[1], write: true, 27);
            Measure("refused-accesses"u8, 9);
        }

        Kernel.Call(KernelCall.SpaceUnmap, Self, At, Pages * 4096);
        foreach (long handle in (System.ReadOnlySpan<long>)[domain, nobodys, o, interrupt, n])
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        device.Close();
        Accounts.ExpectSame(before, 28);
    }

    private static void ExpectFault(ulong numberPlusOne, ulong address, bool write, int place)
    {
        ulong* words = (ulong*)&Kernel.Block->Message;
        Expect(Kernel.Call(KernelCall.DmaFault, Machine), 0, place);
        Expect(words[0] == numberPlusOne - 1 && words[1] == address && words[2] != 0 && words[3] == (write ? 1ul : 0), place);
    }
}
