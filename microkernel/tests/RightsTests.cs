using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Who holds part of the rights over a space tries the rest.</summary>
internal static unsafe class RightsTests
{
    private const ulong Self = WellKnownHandle.Self, Root = WellKnownHandle.BootAccount, At = 0x4000_0000, Page = 4096;
    private const ulong ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write), Replace = ReadWrite | (ulong)MapFlags.Replace;

    private static ulong space, mapper, memory;

    public static void Run()
    {
        Test("the right to map maps objects at free addresses and nothing else"u8, &OnlyMaps);
        Test("what is offered can be replaced, and nothing beside it"u8, &Offers);
        Test("a mapping never gets what was withheld from it"u8, &Withheld);
        Test("what may be mapped again is, with no right more"u8, &Repeated);
        Test("a label stays with its mapping"u8, &Labels);
        Test("the machine's log is all that a server has of the machine"u8, &OnlyLog);
        Test("doorbells, completions, endpoints, ports and accounts allow what they were made for"u8, &Narrowed);
    }

    private static void Begin()
    {
        space = (ulong)Kernel.Call(KernelCall.SpaceCreate, Root, 0, 0);
        mapper = (ulong)Kernel.Call(KernelCall.HandleDuplicate, space, (ulong)(Rights.Read | Rights.Map));
        memory = (ulong)Kernel.Call(KernelCall.MemoryCreate, 0, 64 * Page, 0);
    }

    private static void End()
    {
        Kernel.Call(KernelCall.HandleClose, memory);
        Kernel.Call(KernelCall.HandleClose, mapper);
        Kernel.Call(KernelCall.SpaceDestroy, space);
        Kernel.Call(KernelCall.HandleClose, space);
    }

    private static long Map(ulong address, ulong pages, ulong flags) => Kernel.Call(KernelCall.SpaceMap, mapper, address, pages * Page, flags, memory);

    private static void OnlyMaps()
    {
        AccountState before = Accounts.State();
        Begin();
        Expect(Map(At, 4, ReadWrite), 0, 1);
        Expect(Kernel.Call(KernelCall.SpaceQuery, mapper, At), (long)At, 2);
        Fails(Map(At, 4, ReadWrite), KernelStatus.Occupied, 3);
        Fails(Map(At + 3 * Page, 4, Replace), KernelStatus.Occupied, 4);
        Fails(Map(Window.Shared, 1, ReadWrite), KernelStatus.NoRight, 5);
        Fails(Map(Window.Vdso - Page, 2, ReadWrite), KernelStatus.NoRight, 6);
        Expect(Map(Window.Vdso - Page, 1, ReadWrite), 0, 7);
        Fails(Kernel.Call(KernelCall.SpaceMap, mapper, At + 8 * Page, Page, ReadWrite), KernelStatus.NoRight, 8);
        Fails(Kernel.Call(KernelCall.SpaceMap, mapper, At + 8 * Page, Page, ReadWrite | (ulong)MapFlags.GrowsDown, 16 * Page), KernelStatus.NoRight, 9);
        // Each of these needs Manage; the arguments are good.
        int place = 10;
        foreach (KernelCall call in (System.ReadOnlySpan<KernelCall>)
            [
                KernelCall.SpaceUnmap, KernelCall.SpaceProtect, KernelCall.SpaceMove, KernelCall.SpaceDiscard, KernelCall.SpacePopulate, KernelCall.SpaceOffer,
                KernelCall.SpaceRead, KernelCall.SpaceRepeat,
            ])
            Fails(Kernel.Call(call, mapper, At, Page, call == KernelCall.SpaceMove ? At + 32 * Page : 0), KernelStatus.NoRight, place++);
        foreach (KernelCall call in (System.ReadOnlySpan<KernelCall>)
            [
                KernelCall.SpaceInterrupt, KernelCall.SpaceSuspend, KernelCall.SpaceResume, KernelCall.SpaceTerminate, KernelCall.SpaceReadRegisters,
                KernelCall.ThreadReserve,
                KernelCall.ThreadRelease, KernelCall.SpaceDestroy,
            ])
            Fails(Kernel.Call(call, mapper, 0), KernelStatus.NoRight, place++);
        Fails(Kernel.Call(KernelCall.SpaceFork, mapper, Root, 0, 0), KernelStatus.NoRight, place++);
        Fails(Kernel.Call(KernelCall.ThreadCreate, mapper, 0, Kernel.EntryOfThreads, 0, 0, 0), KernelStatus.NoRight, place++);
        Fails(Kernel.Call(KernelCall.HandleInstall, mapper, 0, memory, (ulong)Rights.Read), KernelStatus.NoRight, place++);
        Fails(Kernel.Call(KernelCall.SpaceCopy, mapper, At, space, At, 8), KernelStatus.NoRight, place++);
        Fails(Kernel.Call(KernelCall.SpaceCopy, space, At, mapper, At, 8), KernelStatus.NoRight, place++);
        ulong endpoint = (ulong)Kernel.Call(KernelCall.EndpointCreate);
        Fails(Kernel.Call(KernelCall.EndpointInstall, mapper, 0, endpoint, 1), KernelStatus.NoRight, place++);
        Kernel.Call(KernelCall.HandleClose, endpoint);
        Fails(Kernel.Call(KernelCall.HandleDuplicate, mapper, (ulong)Rights.All), KernelStatus.NoRight, place++);
        ulong reader = (ulong)Kernel.Call(KernelCall.HandleDuplicate, space, (ulong)Rights.Read);
        Fails(Kernel.Call(KernelCall.SpaceMap, reader, At + 8 * Page, Page, ReadWrite, memory), KernelStatus.NoRight, place++);
        Kernel.Call(KernelCall.HandleClose, reader);
        End();
        Accounts.ExpectSame(before, place);
    }

    private static long Offer(ulong address, ulong pages, ulong offered) => Kernel.Call(KernelCall.SpaceOffer, space, address, pages * Page, offered);

    private static void Offers()
    {
        AccountState before = Accounts.State();
        Begin();
        Expect(Kernel.Call(KernelCall.SpaceMap, space, At, 16 * Page, ReadWrite), 0, 1);
        Expect(Kernel.Call(KernelCall.SpacePopulate, space, At, 16 * Page), 0, 2);
        Fails(Map(At + 4 * Page, 2, Replace), KernelStatus.Occupied, 3);
        Expect(Offer(At + 4 * Page, 4, 1), 0, 4);
        Fails(Map(At + 4 * Page, 2, ReadWrite), KernelStatus.Occupied, 5);
        Fails(Map(At + 3 * Page, 2, Replace), KernelStatus.Occupied, 6);
        Fails(Map(At + 7 * Page, 2, Replace), KernelStatus.Occupied, 7);
        // Taken back, it is as it was: one region, all pages.
        Expect(Offer(At + 5 * Page, 1, 0), 0, 8);
        Fails(Map(At + 4 * Page, 4, Replace), KernelStatus.Occupied, 9);
        Expect(Kernel.Call(KernelCall.SpaceQuery, space, At + 5 * Page), (long)At, 10);
        Expect((long)((ulong*)&Kernel.Block->Message)[1], 16 * 4096, 11);
        Expect((long)((ulong*)&Kernel.Block->Message)[5], 16 * 4096, 12);
        Expect(Offer(At + 4 * Page, 4, 1), 0, 13);
        ulong child = (ulong)Kernel.Call(KernelCall.SpaceFork, space, Root, 0, 0);
        ulong mapperOfChild = (ulong)Kernel.Call(KernelCall.HandleDuplicate, child, (ulong)Rights.Map);
        Fails(Kernel.Call(KernelCall.SpaceMap, mapperOfChild, At + 4 * Page, 4 * Page, Replace, memory), KernelStatus.Occupied, 14);
        Kernel.Call(KernelCall.HandleClose, mapperOfChild);
        Kernel.Call(KernelCall.SpaceDestroy, child);
        Kernel.Call(KernelCall.HandleClose, child);
        Expect(Kernel.Call(KernelCall.SpaceUnmap, space, At + 6 * Page, Page), 0, 15);
        Expect(Map(At + 4 * Page, 4, Replace), 0, 16);
        Fails(Map(At + 4 * Page, 4, Replace), KernelStatus.Occupied, 17);
        Fails(Offer(Window.Vdso - Page, 2, 1), KernelStatus.BadArgument, 18);
        Fails(Offer(At, 1, 2), KernelStatus.BadArgument, 19);
        // In the window: no hole, and nothing of the kernel's own.
        Expect(Kernel.Call(KernelCall.SpaceMap, space, Window.MemorySources, Page, (ulong)MapFlags.ForkOmit), 0, 20);
        Fails(Map(Window.MemorySources, 1, Replace), KernelStatus.Occupied, 21);
        Expect(Offer(Window.MemorySources, 1, 1), 0, 22);
        Fails(Map(Window.MemorySources, 2, Replace), KernelStatus.NoRight, 23);
        Expect(Map(Window.MemorySources, 1, Replace), 0, 24);
        Fails(Map(Window.MemorySources, 1, Replace), KernelStatus.Occupied, 25);
        Fails(Offer(Window.Heap, 1, 1), KernelStatus.BadArgument, 26);
        Fails(Map(Window.Heap, 1, Replace), KernelStatus.NoRight, 27);
        End();
        Accounts.ExpectSame(before, 28);
    }

    private static void Withheld()
    {
        AccountState before = Accounts.State();
        Begin();
        const ulong Shared = (ulong)MapFlags.Shared, NeverWrite = (ulong)MapFlags.NeverWrite, NeverExecute = (ulong)MapFlags.NeverExecute;
        Fails(Map(At, 4, ReadWrite | Shared | NeverWrite), KernelStatus.NoRight, 1);
        Expect(Map(At, 4, (ulong)MapFlags.Read | Shared | NeverWrite), 0, 2);
        Expect(Map(At + 4 * Page, 4, (ulong)MapFlags.Read | NeverExecute), 0, 3);
        Fails(Kernel.Call(KernelCall.SpaceProtect, space, At, Page, ReadWrite), KernelStatus.NoRight, 4);
        Fails(Kernel.Call(KernelCall.SpaceProtect, space, At + 4 * Page, Page, (ulong)(MapFlags.Read | MapFlags.Execute)), KernelStatus.NoRight, 5);
        Expect(Kernel.Call(KernelCall.SpaceProtect, space, At + 4 * Page, Page, ReadWrite), 0, 6);
        Expect(Kernel.Call(KernelCall.SpaceMove, space, At, 2 * Page, At + 64 * Page), 0, 7);
        Fails(Kernel.Call(KernelCall.SpaceProtect, space, At + 64 * Page, Page, ReadWrite), KernelStatus.NoRight, 8);
        ulong child = (ulong)Kernel.Call(KernelCall.SpaceFork, space, Root, 0, 0);
        Fails(Kernel.Call(KernelCall.SpaceProtect, child, At + 2 * Page, Page, ReadWrite), KernelStatus.NoRight, 9);
        Fails(Kernel.Call(KernelCall.SpaceProtect, child, At + 65 * Page, Page, ReadWrite), KernelStatus.NoRight, 10);
        Kernel.Call(KernelCall.SpaceDestroy, child);
        Kernel.Call(KernelCall.HandleClose, child);
        // Not joined with an equal neighbour that may have more.
        Expect(Kernel.Call(KernelCall.SpaceMap, space, At + 66 * Page, Page, (ulong)MapFlags.Read | Shared, memory, 2 * Page), 0, 11);
        Expect(Kernel.Call(KernelCall.SpaceProtect, space, At + 66 * Page, Page, ReadWrite), 0, 12);
        Fails(Kernel.Call(KernelCall.SpaceProtect, space, At + 64 * Page, 3 * Page, ReadWrite), KernelStatus.NoRight, 13);
        End();
        Accounts.ExpectSame(before, 14);
    }

    private static long Repeat(ulong address, ulong pages, ulong flags, ulong from) =>
        Kernel.Call(KernelCall.SpaceRepeat, space, address, pages * Page, flags, from);

    private static void Repeated()
    {
        AccountState before = Accounts.State();
        Begin();
        const ulong Read = (ulong)MapFlags.Read, Shared = (ulong)MapFlags.Shared, MayRepeat = (ulong)MapFlags.MayRepeat, Run = Read | (ulong)MapFlags.Execute,
            Both = ReadWrite | (ulong)(MapFlags.Execute | MapFlags.WriteExecute), Limited = Read | Shared | MayRepeat | (ulong)MapFlags.NeverWrite,
            From = At, To = At + 256 * Page, Label = 7ul << 32;
        // Only what is said to be, and can be: shared memory.
        Fails(Map(From, 4, ReadWrite | MayRepeat), KernelStatus.BadArgument, 1);
        Fails(Kernel.Call(KernelCall.SpaceMap, space, From, Page, ReadWrite | MayRepeat), KernelStatus.BadArgument, 2);
        Expect(Map(From, 8, Limited | (ulong)MapFlags.ForkOmit), 0, 3);
        Expect(Kernel.Call(KernelCall.SpaceMap, mapper, From + 8 * Page, 4 * Page, Limited | (ulong)MapFlags.NeverExecute, memory), 0, 4);
        Expect(Kernel.Call(KernelCall.SpaceMap, mapper, From + 16 * Page, 4 * Page, ReadWrite | Shared | MayRepeat | Label, memory), 0, 5);
        Expect(Map(From + 32 * Page, 4, ReadWrite | Shared), 0, 6);
        // No right more than there: neither at once nor later.
        Fails(Repeat(To, 2, ReadWrite | Shared, From), KernelStatus.NoRight, 7);
        Fails(Repeat(To, 2, Run, From + 8 * Page), KernelStatus.NoRight, 8);
        Expect(Repeat(To, 2, Read | Shared, From + 2 * Page), 0, 9);
        Fails(Kernel.Call(KernelCall.SpaceProtect, space, To, Page, ReadWrite), KernelStatus.NoRight, 10);
        Expect(Kernel.Call(KernelCall.SpaceProtect, space, To, Page, Run), 0, 11);
        Expect(Repeat(To + 4 * Page, 2, Read | Shared, From + 8 * Page), 0, 12);
        Fails(Kernel.Call(KernelCall.SpaceProtect, space, To + 4 * Page, Page, Run), KernelStatus.NoRight, 13);
        Expect(Repeat(To + 8 * Page, 2, ReadWrite | Shared, From + 17 * Page), 0, 14);
        Expect((long)LabelAt(space, To + 8 * Page), 7, 15);
        // Copies are the space's own: they may be written, and executed as there.
        Expect(Repeat(To + 16 * Page, 2, ReadWrite, From + 2 * Page), 0, 16);
        Expect(Kernel.Call(KernelCall.SpaceProtect, space, To + 16 * Page, Page, Both), 0, 17);
        Expect(Repeat(To + 20 * Page, 2, ReadWrite, From + 8 * Page), 0, 18);
        Fails(Kernel.Call(KernelCall.SpaceProtect, space, To + 20 * Page, Page, Both), KernelStatus.NoRight, 19);
        Expect(Repeat(To + 24 * Page, 2, ReadWrite, From + 16 * Page), 0, 20);
        Expect((long)LabelAt(space, To + 24 * Page), 0, 21);
        // Nothing else, nowhere else, and not again what was mapped again.
        Fails(Repeat(To + 32 * Page, 1, Read | Shared, From + 32 * Page), KernelStatus.NotMapped, 22);
        Fails(Repeat(To + 32 * Page, 1, Read | Shared, To), KernelStatus.NotMapped, 23);
        Fails(Repeat(To + 32 * Page, 2, Read | Shared, From + 7 * Page), KernelStatus.NotMapped, 24);
        Fails(Repeat(To + 32 * Page, 1, Read | Shared, Window.Vdso), KernelStatus.NotMapped, 25);
        Fails(Repeat(To + 32 * Page, 1, Read | Shared, From + 12 * Page), KernelStatus.NotMapped, 26);
        Fails(Repeat(To, 2, Read | Shared, From), KernelStatus.Occupied, 27);
        Fails(Repeat(From, 1, Read | Shared | (ulong)MapFlags.Replace, From), KernelStatus.BadArgument, 28);
        Fails(Repeat(To + 32 * Page, 1, Read | Shared | MayRepeat, From), KernelStatus.BadArgument, 29);
        Fails(Repeat(To + 32 * Page, 1, Read | Shared, From + 8), KernelStatus.BadArgument, 30);
        // The pages are the object's, and count as any others; the object knows all its mappings.
        Kernel.Call(KernelCall.MemoryQuery, memory);
        Expect((long)((ulong*)&Kernel.Block->Message)[3], 12, 31);
        Expect((long)((ulong*)&Kernel.Block->Message)[5], 3, 32);
        Expect(Kernel.Call(KernelCall.SpacePopulate, space, To + 8 * Page, 2 * Page), 0, 33);
        Expect(Kernel.Call(KernelCall.SpacePopulate, space, To + 16 * Page, 2 * Page), 0, 34);
        Kernel.Call(KernelCall.SpaceUsage, space, 0);
        Expect((long)((ulong*)&Kernel.Block->Message)[0], 4 * 4096, 35);
        // A fork has what was mapped again, not what it was mapped from.
        ulong child = (ulong)Kernel.Call(KernelCall.SpaceFork, space, Root, 0, 0);
        Expect(Kernel.Call(KernelCall.SpaceQuery, child, From), (long)(From + 8 * Page), 36);
        Expect((long)LengthAt(child, To + 20 * Page), 2 * 4096, 37);
        Kernel.Call(KernelCall.SpaceDestroy, child);
        Kernel.Call(KernelCall.HandleClose, child);
        Expect(Kernel.Call(KernelCall.MemoryDestroy, memory), 0, 38);
        Fails(Repeat(To + 32 * Page, 1, Read | Shared, From), KernelStatus.BadState, 39);
        End();
        Accounts.ExpectSame(before, 40);
    }

    private static ulong LabelAt(ulong of, ulong address) =>
        Kernel.Call(KernelCall.SpaceQuery, of, address) >= 0 ? ((ulong*)&Kernel.Block->Message)[6] : 0;

    private static ulong LengthAt(ulong of, ulong address) =>
        Kernel.Call(KernelCall.SpaceQuery, of, address) >= 0 ? ((ulong*)&Kernel.Block->Message)[1] : 0;

    private static void Labels()
    {
        AccountState before = Accounts.State();
        Begin();
        const ulong Shared = ReadWrite | (ulong)MapFlags.Shared, One = 1ul << 32, Most = (ulong)uint.MaxValue << 32;
        Fails(Kernel.Call(KernelCall.SpaceMap, space, At, Page, ReadWrite | One), KernelStatus.BadArgument, 1);
        Fails(Kernel.Call(KernelCall.SpaceMap, space, At, Page, ReadWrite | (ulong)MapFlags.GrowsDown | One, 4 * Page), KernelStatus.BadArgument, 2);
        Expect(Map(At, 4, Shared | One), 0, 3);
        // Neighbours are joined only under one label.
        Expect(Kernel.Call(KernelCall.SpaceMap, mapper, At + 4 * Page, 4 * Page, Shared | Most, memory, 4 * Page), 0, 4);
        Expect(Kernel.Call(KernelCall.SpaceMap, mapper, At + 8 * Page, 4 * Page, Shared | Most, memory, 8 * Page), 0, 5);
        Expect((long)LengthAt(space, At), 4 * 4096, 6);
        Expect((long)LengthAt(space, At + 4 * Page), 8 * 4096, 7);
        Expect((long)LabelAt(space, At), 1, 8);
        Expect((long)LabelAt(space, At + 11 * Page), uint.MaxValue, 9);
        // Parts, other protection, another place, another space.
        Expect(Kernel.Call(KernelCall.SpaceProtect, space, At + Page, Page, (ulong)MapFlags.Read), 0, 10);
        Expect(Kernel.Call(KernelCall.SpaceUnmap, space, At + 3 * Page, Page), 0, 11);
        Expect((long)LabelAt(space, At + Page), 1, 12);
        Expect(Kernel.Call(KernelCall.SpaceMove, space, At, Page, At + 32 * Page), 0, 13);
        Expect(Kernel.Call(KernelCall.SpaceMove, space, At + Page, Page, At + 33 * Page), 0, 13);
        Expect((long)LabelAt(space, At + 33 * Page), 1, 14);
        ulong child = (ulong)Kernel.Call(KernelCall.SpaceFork, space, Root, 0, 0);
        Expect((long)LabelAt(child, At + 2 * Page), 1, 15);
        Expect((long)LabelAt(child, At + 5 * Page), uint.MaxValue, 16);
        Expect((long)LabelAt(child, At + 32 * Page), 1, 17);
        Kernel.Call(KernelCall.SpaceDestroy, child);
        Kernel.Call(KernelCall.HandleClose, child);
        // A stack's limit is no label.
        Expect(Kernel.Call(KernelCall.SpaceMap, space, At + 512 * Page, Page, ReadWrite | (ulong)MapFlags.GrowsDown, 16 * Page), 0, 18);
        Expect((long)LabelAt(space, At + 512 * Page), 0, 19);
        End();
        Accounts.ExpectSame(before, 20);
    }

    private static ulong Part(ulong handle, Rights rights) => (ulong)Kernel.Call(KernelCall.HandleDuplicate, handle, (ulong)rights);

    private static void Close(System.ReadOnlySpan<ulong> handles)
    {
        foreach (ulong handle in handles)
            Kernel.Call(KernelCall.HandleClose, handle);
    }

    // What every server holds of the machine (Write), and what "kernel.log" grants (Read).
    private static void OnlyLog()
    {
        const ulong Machine = WellKnownHandle.BootMachine, FreePort = 0x510;
        ulong notification = (ulong)Kernel.Call(KernelCall.NotificationCreate);
        int place = 1;
        foreach (Rights rights in (System.ReadOnlySpan<Rights>)[Rights.Write, Rights.Read])
        {
            ulong machine = Part(Machine, rights);
            Fails(Kernel.Call(rights == Rights.Write ? KernelCall.LogRead : KernelCall.LogWrite, machine, 0), KernelStatus.NoRight, place++);
            Fails(Kernel.Call(KernelCall.ClockSet, machine, 0), KernelStatus.NoRight, place++);
            Fails(Kernel.Call(KernelCall.Halt, machine), KernelStatus.NoRight, place++);
            Fails(Kernel.Call(KernelCall.MemoryDevice, machine, 0xFEB0_0000, Page), KernelStatus.NoRight, place++);
            Fails(Kernel.Call(KernelCall.IoPortsCreate, machine, FreePort, 1), KernelStatus.NoRight, place++);
            Fails(Kernel.Call(KernelCall.InterruptCreate, machine, 7, notification, 1), KernelStatus.NoRight, place++);
            Fails(Kernel.Call(KernelCall.InterruptCreateMessage, machine, notification, 1), KernelStatus.NoRight, place++);
            Fails(Kernel.Call(KernelCall.DmaDomainCreate, machine, 0), KernelStatus.NoRight, place++);
            Fails(Kernel.Call(KernelCall.HandleDuplicate, machine, (ulong)Rights.All), KernelStatus.NoRight, place++);
            Close([machine]);
        }
        Close([notification]);
    }

    private static void Narrowed()
    {
        const ulong FreePort = 0x510;
        ulong notification = (ulong)Kernel.Call(KernelCall.NotificationCreate), endpoint = (ulong)Kernel.Call(KernelCall.EndpointCreate);
        // A doorbell rings its own bits, whatever is asked for, and does nothing else.
        ulong doorbell = (ulong)Kernel.Call(KernelCall.NotificationMint, notification, 4);
        Expect(Kernel.Call(KernelCall.NotificationSignal, doorbell, 7), 0, 1);
        Expect(Kernel.Call(KernelCall.NotificationWait, notification, 0), 4, 2);
        Fails(Kernel.Call(KernelCall.NotificationWait, doorbell, 0), KernelStatus.NoRight, 3);
        Fails(Kernel.Call(KernelCall.TimerSet, doorbell, 1, 0, 0), KernelStatus.NoRight, 4);
        Fails(Kernel.Call(KernelCall.NotificationMint, doorbell, 1), KernelStatus.NoRight, 5);
        // A program's completions, and its endpoint.
        ulong completions = Part(notification, Rights.Wait | Rights.Signal);
        Fails(Kernel.Call(KernelCall.NotificationMint, completions, 1), KernelStatus.NoRight, 6);
        Fails(Kernel.Call(KernelCall.TimerSet, completions, 1, 0, 0), KernelStatus.NoRight, 7);
        ulong control = Part(endpoint, Rights.Signal);
        Fails(Kernel.Call(KernelCall.EndpointReceive, control, 0), KernelStatus.NoRight, 8);
        Fails(Kernel.Call(KernelCall.EndpointMint, control, 9), KernelStatus.NoRight, 9);
        Fails(Kernel.Call(KernelCall.EndpointInstall, WellKnownHandle.Self, 0, control, 9), KernelStatus.NoRight, 20);
        // One that is installed is as narrow as that.
        ulong installed = (ulong)Kernel.Call(KernelCall.EndpointInstall, WellKnownHandle.Self, 0, endpoint, 9);
        Expect(Kernel.Call(KernelCall.HandleQuery, installed), (long)((uint)ObjectType.Endpoint | (uint)Rights.Signal << 8), 21);
        Fails(Kernel.Call(KernelCall.HandleDuplicate, installed, (ulong)Rights.Signal), KernelStatus.NoRight, 22);
        Kernel.Call(KernelCall.HandleClose, installed);
        Fails(Kernel.Call(KernelCall.EndpointBind, control, notification, 1), KernelStatus.NoRight, 10);
        Fails(Kernel.Call(KernelCall.SpaceCreate, Root, control, 0), KernelStatus.NoRight, 11);
        Fails(Kernel.Call(KernelCall.MemoryCreatePaged, 0, Page, control, 0), KernelStatus.NoRight, 12);
        // A driver's ports: not those beside them.
        ulong all = (ulong)Kernel.Call(KernelCall.IoPortsCreate, WellKnownHandle.BootMachine, FreePort, 2), ports = Part(all, Rights.Signal);
        Fails(Kernel.Call(KernelCall.PortRead, ports, FreePort + 2, 1), KernelStatus.BadArgument, 13);
        Fails(Kernel.Call(KernelCall.PortRead, ports, FreePort + 1, 2), KernelStatus.BadArgument, 14);
        Fails(Kernel.Call(KernelCall.PortWrite, ports, FreePort - 1, 1, 0), KernelStatus.BadArgument, 15);
        ulong looking = Part(all, Rights.Read);
        Fails(Kernel.Call(KernelCall.PortRead, looking, FreePort, 1), KernelStatus.NoRight, 16);
        // An account to look at pays for nothing.
        ulong account = Part(Root, Rights.Read);
        Fails(Kernel.Call(KernelCall.AccountCreate, account, 10, 10), KernelStatus.NoRight, 17);
        Fails(Kernel.Call(KernelCall.MemoryCreate, account, Page, 0), KernelStatus.NoRight, 18);
        Fails(Kernel.Call(KernelCall.SpaceCreate, account, 0, 0), KernelStatus.NoRight, 19);
        Close([doorbell, completions, control, all, ports, looking, account, notification, endpoint]);
    }
}
