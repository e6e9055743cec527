using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Frames that a pager-backed object shares with another object, borrowed pages, refused faults, objects whose pager is gone.</summary>
internal static unsafe class SharingTests
{
    private const ulong Page = 4096, Self = WellKnownHandle.Self, Root = WellKnownHandle.BootAccount, Archive = WellKnownHandle.BootArchive;
    private const ulong Read = (ulong)MapFlags.Read, Shared = (ulong)MapFlags.Shared, ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write);
    private const ulong Arena = 0x4000_0000, First = 0x5000_0000, Second = 0x6000_0000, Far = 1ul << 43, Length = 1ul << 44;

    public static void Run()
    {
        Test("a shared frame is one for both objects"u8, &OneFrame);
        Test("pages that were only read count as dirty where that was asked for"u8, &Touched);
        Test("a frame that both gave up is free, and not before"u8, &Holders);
        Test("sharing needs rights and pages"u8, &Refusals);
        Test("sharing may find no memory"u8, &NoMemory);
        Test("borrowed pages are read and copied, never written"u8, &Borrowed);
        Test("a pager replaces a borrowed page that is written"u8, &Replaced);
        Test("an access that the pager refuses fails, and may be tried later"u8, &Refused);
        Test("an object without its pager is anonymous"u8, &Detached);
    }

    private static long Map(ulong address, ulong pages, ulong flags, long o, ulong offset = 0) =>
        Kernel.Call(KernelCall.SpaceMap, Self, address, pages * Page, flags, (ulong)o, offset);

    private static void Unmap(ulong address, ulong pages) => Kernel.Call(KernelCall.SpaceUnmap, Self, address, pages * Page);

    private static long Share(long o, ulong offset, ulong pages, long source, ulong sourceOffset) =>
        Kernel.Call(KernelCall.MemoryShare, (ulong)o, offset, pages * Page, (ulong)source, sourceOffset);

    private static ulong Word(int index) => ((ulong*)&Kernel.Block->Message)[index];

    private static ulong Frames(ulong account)
    {
        Kernel.Call(KernelCall.AccountQuery, account);
        return Word(1);
    }

    private static void Close(System.ReadOnlySpan<long> handles)
    {
        foreach (long handle in handles)
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
    }

    // Who has received from an endpoint is known to be its pager, and refused what it would have to supply itself.
    private static long NewPager()
    {
        long pager = Kernel.Call(KernelCall.EndpointCreate);
        Kernel.Call(KernelCall.EndpointReceive, (ulong)pager, 0);
        return pager;
    }

    // A pager of its own, a long object of it, and an arena that is mapped and written.
    private static void Make(out long pager, out long paged, out long arena)
    {
        pager = NewPager();
        paged = Kernel.Call(KernelCall.MemoryCreatePaged, 0, Length, (ulong)pager, 77);
        arena = Kernel.Call(KernelCall.MemoryCreate, 0, 1ul << 40, 0);
        Map(Arena, 8, ReadWrite | Shared, arena);
        for (ulong i = 0; i < 8; i++)
            Kernel.StoreWord(Arena + i * Page, (uint)(100 + i));
    }

    private static void OneFrame()
    {
        AccountState before = Accounts.State();
        Make(out long pager, out long paged, out long arena);
        Expect(Share(paged, 3 * Page, 2, arena, 5 * Page), 0, 1);
        // Near pages stay where they are when the tree grows for far ones.
        Expect(Share(paged, Far, 1, arena, 0), 0, 2);
        Expect(Map(First, 8, ReadWrite | Shared, paged), 0, 3);
        Expect(Map(Second, 8, ReadWrite, paged), 0, 4);
        Expect(Map(Second + 64 * Page, 1, Read | Shared, paged, Far), 0, 5);
        Expect(Kernel.Call(KernelCall.MemoryQuery, (ulong)paged), 3 * 4096, 6);
        Expect((long)Word(3), 3, 7);
        Expect(Kernel.CopyWord(First + 3 * Page), 105, 8);
        Expect(Kernel.CopyWord(Second + 4 * Page), 106, 9);
        Expect(Kernel.CopyWord(Second + 64 * Page), 100, 10);
        Expect(Kernel.StoreWord(First + 3 * Page, 1), 0, 11);
        Expect(Kernel.CopyWord(Arena + 5 * Page), 1, 12);
        Expect(Kernel.StoreWord(Arena + 5 * Page, 2), 0, 13);
        Expect(Kernel.CopyWord(Second + 3 * Page), 2, 14);
        // A private copy is one.
        Expect(Kernel.StoreWord(Second + 3 * Page, 3), 0, 15);
        Expect(Kernel.CopyWord(Arena + 5 * Page), 2, 16);
        // What is there stays: sharing another page changes nothing.
        Expect(Share(paged, 3 * Page, 1, arena, 0), 0, 17);
        Expect(Kernel.CopyWord(First + 3 * Page), 2, 18);
        // Written through the mapping: dirty in the object that is mapped there.
        Kernel.Call(KernelCall.MemoryCollectDirty, (ulong)paged, 0, 8 * Page);
        Expect((long)Word(0), 1 << 3, 19);
        Unmap(First, 8);
        Kernel.Call(KernelCall.MemoryQuery, (ulong)paged);
        Expect((long)Word(3), 2, 20);
        Unmap(Second, 65);
        Unmap(Arena, 8);
        Close([paged, arena, pager]);
        Accounts.ExpectSame(before, 21);
    }

    private static void Touched()
    {
        AccountState before = Accounts.State();
        Make(out long pager, out long paged, out long arena);
        Expect(Kernel.Call(KernelCall.MemoryShare, (ulong)paged, 0, 8 * Page, (ulong)arena, 0, 1), 0, 1);
        Fails(Kernel.Call(KernelCall.MemoryShare, (ulong)paged, 0, 8 * Page, (ulong)arena, 0, 2), KernelStatus.BadArgument, 2);
        Expect(Map(First, 8, ReadWrite | Shared, paged), 0, 3);
        Expect(Map(Second, 8, Read | Shared, paged), 0, 4);
        // A fault enters pages around it, which nobody has touched for that; what is unmapped has been.
        Expect(Kernel.CopyWord(First), 100, 5);
        Expect(Kernel.StoreWord(First + 2 * Page, 1), 0, 6);
        Expect(Kernel.CopyWord(Second + 5 * Page), 105, 7);
        Unmap(Second, 8);
        // The kernel's own look is one too.
        Fails(Kernel.Call(KernelCall.WordWait, First + 7 * Page, 0, 0, 0), KernelStatus.WouldBlock, 8);
        Kernel.Call(KernelCall.MemoryCollectDirty, (ulong)paged, 0, 8 * Page);
        Expect((long)Word(0), 1 << 0 | 1 << 2 | 1 << 5 | 1 << 7, 9);
        // From then on they are pages as any others.
        Expect(Kernel.CopyWord(First + 3 * Page), 103, 10);
        Expect(Kernel.StoreWord(First + 4 * Page, 1), 0, 11);
        Kernel.Call(KernelCall.MemoryCollectDirty, (ulong)paged, 0, 8 * Page);
        Expect((long)Word(0), 1 << 4, 12);
        Unmap(First, 8);
        Unmap(Arena, 8);
        Close([paged, arena, pager]);
        Accounts.ExpectSame(before, 13);
    }

    private static void Holders()
    {
        AccountState before = Accounts.State();
        long account = Kernel.Call(KernelCall.AccountCreate, Root, 100, 10);
        long pager = NewPager(), paged = Kernel.Call(KernelCall.MemoryCreatePaged, 0, Length, (ulong)pager, 77);
        long arena = Kernel.Call(KernelCall.MemoryCreate, (ulong)account, 16 * Page, 0);
        Map(Arena, 16, ReadWrite | Shared, arena);
        Map(First, 16, ReadWrite | Shared, paged);
        ulong empty = Frames((ulong)account);
        for (ulong i = 0; i < 16; i++)
            Kernel.StoreWord(Arena + i * Page, (uint)i);
        ulong full = Frames((ulong)account);
        Expect((long)(full - empty), 17, 1);
        Expect(Share(paged, 0, 16, arena, 0), 0, 2);
        Expect((long)Frames((ulong)account), (long)full, 3);
        // A private copy stays, unless it is to go too.
        Map(Second, 2, ReadWrite, paged);
        Kernel.StoreWord(Second + Page, 50);
        Kernel.Call(KernelCall.MemoryDiscard, (ulong)paged, Page, Page);
        Expect(Kernel.CopyWord(Second + Page), 50, 13);
        Share(paged, Page, 1, arena, Page);
        Fails(Kernel.Call(KernelCall.MemoryDiscard, (ulong)paged, Page, Page, 2), KernelStatus.BadArgument, 14);
        Expect(Kernel.Call(KernelCall.MemoryDiscard, (ulong)paged, Page, Page, 1), 0, 15);
        Expect(Kernel.CopyWord(Second + Page), -1, 16);
        Share(paged, Page, 1, arena, Page);
        Unmap(Second, 2);
        // The arena gives all up; who maps the other keeps them, and the account is still charged.
        Expect(Kernel.Call(KernelCall.MemoryDiscard, (ulong)arena, 0, 16 * Page), 0, 4);
        Accounts.State();
        Expect((long)Frames((ulong)account), (long)full, 5);
        Expect(Kernel.CopyWord(First + 9 * Page), 9, 6);
        Expect(Kernel.CopyWord(Arena + 9 * Page), 0, 7);
        Expect(Kernel.Call(KernelCall.MemoryDiscard, (ulong)arena, 0, 16 * Page), 0, 8);
        // Nobody supplies it to its pager.
        Expect(Kernel.Call(KernelCall.MemoryDiscard, (ulong)paged, 0, Length), 0, 9);
        Expect(Kernel.CopyWord(First + 9 * Page), -1, 10);
        Accounts.State();
        Expect((long)Frames((ulong)account), (long)(full - 16), 11);
        Unmap(Arena, 16);
        Unmap(First, 16);
        Close([paged, arena, pager, account]);
        Accounts.ExpectSame(before, 12);
    }

    private static void Refusals()
    {
        AccountState before = Accounts.State();
        Make(out long pager, out long paged, out long arena);
        long readable = Kernel.Call(KernelCall.HandleDuplicate, (ulong)arena, (ulong)Rights.Read);
        long writable = Kernel.Call(KernelCall.HandleDuplicate, (ulong)paged, (ulong)(Rights.Read | Rights.Write));
        long device = Kernel.Call(KernelCall.MemoryDevice, WellKnownHandle.BootMachine, 0xb_8000, Page);
        Fails(Share(paged, 0, 1, readable, 0), KernelStatus.NoRight, 1);
        Fails(Share(writable, 0, 1, arena, 0), KernelStatus.NoRight, 2);
        Fails(Share(arena, 0, 1, arena, 0), KernelStatus.BadState, 3);
        Fails(Share(paged, 0, 1, device, 0), KernelStatus.BadState, 4);
        Fails(Share(paged, 0, 1, arena, 1ul << 40), KernelStatus.BadArgument, 5);
        Fails(Share(paged, Length - Page, 2, arena, 0), KernelStatus.BadArgument, 6);
        Fails(Share(paged, 1, 1, arena, 0), KernelStatus.BadArgument, 7);
        // Pages up to the first that is missing are shared.
        Fails(Share(paged, 0, 4, arena, 6 * Page), KernelStatus.NotMapped, 8);
        Expect(Kernel.Call(KernelCall.MemoryQuery, (ulong)paged), 2 * 4096, 9);
        Fails(Kernel.Call(KernelCall.MemoryDetach, (ulong)writable, Page), KernelStatus.NoRight, 10);
        Fails(Kernel.Call(KernelCall.MemoryDetach, (ulong)arena, Page), KernelStatus.BadState, 11);
        Fails(Kernel.Call(KernelCall.MemoryDetach, (ulong)paged, Page), KernelStatus.BadState, 12);
        Fails(Kernel.Call(KernelCall.MemoryDetach, (ulong)paged, Page + 1), KernelStatus.BadArgument, 13);
        Fails(Kernel.Call(KernelCall.MemoryDetach, (ulong)paged, Length + Page), KernelStatus.BadArgument, 14);
        Unmap(Arena, 8);
        Close([readable, writable, device, paged, arena, pager]);
        Accounts.ExpectSame(before, 15);
    }

    // With every limit from nothing to enough, for a page near and one far: no table is lost, no frame is counted twice.
    private static void NoMemory()
    {
        AccountState before = Accounts.State();
        long pager = NewPager(), arena = Kernel.Call(KernelCall.MemoryCreate, 0, Page, 0);
        Map(Arena, 1, ReadWrite | Shared, arena);
        Kernel.StoreWord(Arena, 1);
        AccountState made = Accounts.State();
        int failed = 0, shared = 0;
        for (ulong limit = 1; limit <= 12; limit++)
        {
            long account = Kernel.Call(KernelCall.AccountCreate, Root, limit, 10);
            long paged = Kernel.Call(KernelCall.MemoryCreatePaged, (ulong)account, Length, (ulong)pager, 77);
            if (paged > 0)
            {
                long near = Share(paged, Page, 1, arena, 0), far = Share(paged, Far, 1, arena, 0);
                failed += (near != 0 ? 1 : 0) + (far != 0 ? 1 : 0);
                shared += (near == 0 ? 1 : 0) + (far == 0 ? 1 : 0);
                // A page that is shared stays reachable whatever became of the other.
                Map(First, 2, Read | Shared, paged);
                Expect(Kernel.CopyWord(First + Page), near == 0 ? 1 : -1, 1);
                Unmap(First, 2);
            }
            Close([paged, account]);
            Accounts.ExpectSame(made, 2);
        }
        Expect(failed >= 4 && shared >= 4, 3);
        Unmap(Arena, 1);
        Close([arena, pager]);
        Accounts.ExpectSame(before, 4);
    }

    private static void Borrowed()
    {
        // The first touch makes page tables.
        long word = Kernel.CopyWord(Window.BootArchive + 2 * Page);
        AccountState before = Accounts.State();
        long pager = NewPager(), paged = Kernel.Call(KernelCall.MemoryCreatePaged, 0, Length, (ulong)pager, 77);
        Expect(Share(paged, 0, 4, (long)Archive, Page), 0, 1);
        Expect(Map(First, 4, ReadWrite | Shared, paged), 0, 2);
        Expect(Map(Second, 4, ReadWrite, paged), 0, 3);
        Expect(Kernel.CopyWord(First + Page), word, 4);
        Expect(Kernel.CopyWord(Second + Page), word, 5);
        // Its pager is this space, so nobody can replace it.
        Expect(Kernel.StoreWord(First + Page, 5), -1, 6);
        Expect(Kernel.StoreWord(First + 2 * Page, 5), -1, 7);
        Kernel.Call(KernelCall.SpaceProtect, Self, First, 4 * Page, Read);
        Kernel.Call(KernelCall.SpaceProtect, Self, First, 4 * Page, ReadWrite);
        Expect(Kernel.StoreWord(First + Page, 5), -1, 8);
        Expect(Kernel.Call(KernelCall.SpaceMove, Self, First, 4 * Page, First + 64 * Page), 0, 9);
        Expect(Kernel.StoreWord(First + 65 * Page, 5), -1, 10);
        Fails(Kernel.Call(KernelCall.SpacePopulate, Self, First + 64 * Page, Page), KernelStatus.BadState, 11);
        Expect(Kernel.StoreWord(Second + Page, 6), 0, 12);
        Expect(Kernel.CopyWord(Second + Page), 6, 13);
        Expect(Kernel.CopyWord(First + 65 * Page), word, 14);
        Expect(Kernel.CopyWord(Window.BootArchive + 2 * Page), word, 15);
        // A device could write.
        long domain = Kernel.Call(KernelCall.DmaDomainCreate, WellKnownHandle.BootMachine, 0);
        Fails(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)paged, 0, Page), KernelStatus.NotMapped, 16);
        // A fork has no more rights than its parent.
        Child child = default;
        child.Start(&child, &StoreFar, First + 65 * Page);
        child.Go(&child);
        Message* m = &Kernel.Block->Message;
        Expect(Kernel.Call(KernelCall.EndpointReceive, (ulong)pager, Threads.Now + 2_000_000_000), 0, 22);
        Expect((long)(m->Words[1] & 2), 2, 23);
        m->Words[0] = 2;
        m->HandleCount = 0;
        Kernel.Call(KernelCall.EndpointReply, m->ReplyHandle);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 17);
        Expect(Kernel.CopyWord(Window.BootArchive + 2 * Page), word, 18);
        // Borrowed pages cost nothing and are nobody's to free.
        Expect(Kernel.Call(KernelCall.MemoryDiscard, (ulong)paged, 0, 2 * Page), 0, 19);
        Expect(Kernel.CopyWord(First + 65 * Page), -1, 20);
        Unmap(First + 64 * Page, 4);
        Unmap(Second, 4);
        Close([domain, paged, pager]);
        Accounts.ExpectSame(before, 21);
    }

    private static void StoreFar(ulong address) => Kernel.StoreWord(address, 7);

    private static void Writer(ulong argument)
    {
        SharedState* s = SharedMemory.State;
        s->Result0 = Kernel.CopyWord(First);
        s->Result1 = Kernel.StoreWord(Second, 1);
        s->Result2 = Kernel.StoreWord(First, 8);
        s->Result3 = Kernel.CopyWord(First);
    }

    private static void Replaced()
    {
        AccountState before = Accounts.State();
        long state = SharedMemory.Create();
        Make(out long pager, out long paged, out long arena);
        long word = Kernel.CopyWord(Window.BootArchive);
        Share(paged, 0, 2, (long)Archive, 0);
        Child child = default;
        child.Start(&child, &Writer, 0);
        Kernel.Call(KernelCall.SpaceMap, (ulong)child.Space, First, 2 * Page, ReadWrite | Shared, (ulong)paged);
        Kernel.Call(KernelCall.SpaceMap, (ulong)child.Space, Second, 2 * Page, ReadWrite, (ulong)paged);
        child.Go(&child);
        Message* m = &Kernel.Block->Message;
        Expect(Kernel.Call(KernelCall.EndpointReceive, (ulong)pager, Threads.Now + 2_000_000_000), 0, 1);
        Expect(m->Kind, (long)MessageKind.PageMissing, 2);
        Expect((long)(m->Words[1] & 2), 2, 3);
        Expect((long)m->Words[2], 0, 4);
        ulong reply = m->ReplyHandle;
        Kernel.Call(KernelCall.MemoryDiscard, (ulong)paged, 0, Page);
        Expect(Share(paged, 0, 1, arena, 2 * Page), 0, 5);
        Kernel.Block->Message.Words[0] = 1;
        Kernel.Block->Message.HandleCount = 0;
        Expect(Kernel.Call(KernelCall.EndpointReply, reply), 0, 6);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 7);
        SharedState* s = SharedMemory.State;
        Expect(s->Result0, word, 8);
        Expect(s->Result1 | s->Result2, 0, 9);
        Expect(s->Result3, 8, 10);
        Expect(Kernel.CopyWord(Arena + 2 * Page), 8, 11);
        Expect(Kernel.CopyWord(Window.BootArchive), word, 12);
        Unmap(Arena, 8);
        Close([paged, arena, pager]);
        SharedMemory.Drop(state);
        Accounts.ExpectSame(before, 13);
    }

    private static void Toucher(ulong argument)
    {
        SharedState* s = SharedMemory.State;
        s->Result0 = Kernel.CopyWord(First);
        s->Result1 = Kernel.StoreWord(First, 1);
        s->Result2 = Kernel.CopyWord(First);
        s->Result3 = Kernel.CopyWord(First + Page);
    }

    private static void Refused()
    {
        AccountState before = Accounts.State();
        long state = SharedMemory.Create();
        Make(out long pager, out long paged, out long arena);
        Child child = default;
        child.Start(&child, &Toucher, 0);
        Kernel.Call(KernelCall.SpaceMap, (ulong)child.Space, First, 2 * Page, ReadWrite | Shared, (ulong)paged);
        child.Go(&child);
        Message* m = &Kernel.Block->Message;
        // No, no, yes, and no for another page.
        for (int i = 0; i < 4; i++)
        {
            Expect(Kernel.Call(KernelCall.EndpointReceive, (ulong)pager, Threads.Now + 2_000_000_000), 0, 1);
            Expect((long)m->Words[2], i == 3 ? 4096 : 0, 2);
            Expect((long)(m->Words[1] & 2), i == 1 ? 2 : 0, 3);
            ulong reply = m->ReplyHandle;
            if (i == 2)
                Share(paged, 0, 1, arena, 4 * Page);
            m->Words[0] = i == 2 ? 1ul : 2;
            m->HandleCount = 0;
            Expect(Kernel.Call(KernelCall.EndpointReply, reply), 0, 4);
        }
        Expect(child.End(), (long)MessageKind.SpaceDeath, 5);
        SharedState* s = SharedMemory.State;
        Expect(s->Result0, -1, 6);
        Expect(s->Result1, -1, 7);
        Expect(s->Result2, 104, 8);
        Expect(s->Result3, -1, 9);
        Unmap(Arena, 8);
        Close([paged, arena, pager]);
        SharedMemory.Drop(state);
        Accounts.ExpectSame(before, 10);
    }

    private static void Detached()
    {
        AccountState before = Accounts.State();
        Make(out long pager, out long paged, out long arena);
        long word = Kernel.CopyWord(Window.BootArchive);
        Share(paged, Page, 2, arena, 0);
        Share(paged, 3 * Page, 1, (long)Archive, 0);
        Map(First, 8, ReadWrite | Shared, paged);
        Expect(Kernel.CopyWord(First), -1, 1);
        Fails(Kernel.Call(KernelCall.MemoryDetach, (ulong)paged, 3 * Page), KernelStatus.BadState, 2);
        Expect(Kernel.Call(KernelCall.MemoryDetach, (ulong)paged, 6 * Page), 0, 3);
        Fails(Kernel.Call(KernelCall.MemoryDetach, (ulong)paged, 6 * Page), KernelStatus.BadState, 4);
        Kernel.Call(KernelCall.MemoryQuery, (ulong)paged);
        Expect((long)Word(0), 6 * 4096, 5);
        Kernel.Call(KernelCall.MemoryDiscard, (ulong)arena, 0, 8 * Page);
        Close([paged, arena, pager]);
        Expect(Kernel.CopyWord(First), 0, 6);
        Expect(Kernel.CopyWord(First + Page), 100, 7);
        Expect(Kernel.StoreWord(First + 5 * Page, 3), 0, 8);
        Expect(Kernel.CopyWord(First + 5 * Page), 3, 9);
        Expect(Kernel.CopyWord(First + 6 * Page), -1, 10);
        // A page that was borrowed still is.
        Expect(Kernel.CopyWord(First + 3 * Page), word, 11);
        Expect(Kernel.StoreWord(First + 3 * Page, 3), -1, 12);
        Unmap(Arena, 8);
        Unmap(First, 8);
        Accounts.ExpectSame(before, 13);
    }
}
