using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Committed accounts and priority caps.</summary>
internal static unsafe class AccountTests
{
    private const ulong Root = WellKnownHandle.BootAccount, Sealed = (ulong)MemoryFlags.Sealed, Committed = (ulong)AccountFlags.Committed;

    public static void Run()
    {
        Test("a committed account has its memory from the start"u8, &Commit);
        Test("who watches the memory is told once when little is left"u8, &Watch);
        Test("an account caps priorities"u8, &Caps);
        Test("objects outlive the space, and are charged where they were made"u8, &Keep);
    }

    // What a supervisor does for a server: an account beside that of the server's space pays for what is to stay.
    private static void Keep()
    {
        AccountState before = Accounts.State();
        long kept = Kernel.Call(KernelCall.AccountCreate, Root, 20, 10), own = Kernel.Call(KernelCall.AccountCreate, Root, 1000, 50);
        long readable = Kernel.Call(KernelCall.HandleDuplicate, (ulong)kept, (ulong)Rights.Read);
        foreach (KernelCall call in (System.ReadOnlySpan<KernelCall>)[KernelCall.NotificationCreate, KernelCall.EndpointCreate])
        {
            Fails(Kernel.Call(call, (ulong)readable), KernelStatus.NoRight, 1);
            Fails(Kernel.Call(call, 1ul << 40), KernelStatus.BadHandle, 2);
        }
        long notification = Kernel.Call(KernelCall.NotificationCreate, (ulong)kept), endpoint = Kernel.Call(KernelCall.EndpointCreate, (ulong)kept);
        long domain = Kernel.Call(KernelCall.DmaDomainCreate, WellKnownHandle.BootMachine, (ulong)kept),
            o = Kernel.Call(KernelCall.MemoryCreate, (ulong)kept, 4096, Sealed);
        long space = Kernel.Call(KernelCall.SpaceCreate, (ulong)own, 0, 0);
        Expect(notification > 0 && endpoint > 0 && domain > 0 && o > 0 && space > 0, 3);
        foreach (long handle in (System.ReadOnlySpan<long>)[notification, endpoint, domain, o])
            Expect(Kernel.Call(KernelCall.HandleInstall, (ulong)space, 0, (ulong)handle, (ulong)Rights.All) > 0, 4);
        Expect(Kernel.Call(KernelCall.DmaPin, (ulong)domain, (ulong)o, 0, 4096) > 0, 5);
        Accounts.State();
        ulong used = Query((ulong)kept)[1];
        Expect(used > 0 && Query((ulong)own)[1] > 0, 6);
        // The space ends with its handles: nothing of what it held is charged to it any more, and everything works.
        Kernel.Call(KernelCall.SpaceDestroy, (ulong)space);
        Kernel.Call(KernelCall.HandleClose, (ulong)space);
        Accounts.State();
        Expect((long)Query((ulong)own)[1], 0, 7);
        Expect((long)Query((ulong)kept)[1], (long)used, 8);
        Expect(Kernel.Call(KernelCall.NotificationSignal, (ulong)notification, 5), 0, 9);
        Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)notification, 0), 5, 10);
        Expect(Kernel.Call(KernelCall.DmaQuery, (ulong)domain), 0, 11);
        Expect((long)*(ulong*)&Kernel.Block->Message, 1, 12);
        Fails(Kernel.Call(KernelCall.EndpointReceive, (ulong)endpoint, 0), KernelStatus.WouldBlock, 13);
        foreach (long handle in (System.ReadOnlySpan<long>)[notification, endpoint, domain, o, readable, kept, own])
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        Accounts.ExpectSame(before, 14);
    }

    private static void Watch()
    {
        const ulong Machine = WellKnownHandle.BootMachine, Page = 4096, Bits = 6, Most = ulong.MaxValue >> 1;
        AccountState before = Accounts.State();
        ulong n = (ulong)Kernel.Call(KernelCall.NotificationCreate, 0), o = (ulong)Kernel.Call(KernelCall.MemoryCreate, 0, 64 * Page, 0);
        ulong signal = (ulong)Kernel.Call(KernelCall.NotificationMint, n, 2), wait = (ulong)Kernel.Call(KernelCall.HandleDuplicate, n, (ulong)Rights.Wait);
        ulong log = (ulong)Kernel.Call(KernelCall.HandleDuplicate, Machine, (ulong)Rights.Write);
        Fails(Kernel.Call(KernelCall.MemoryWatch, log, 1, n, Bits), KernelStatus.NoRight, 1);
        Fails(Kernel.Call(KernelCall.MemoryWatch, Machine, 1, wait, Bits), KernelStatus.NoRight, 2);
        Fails(Kernel.Call(KernelCall.MemoryWatch, Machine, 1, o, Bits), KernelStatus.BadHandle, 3);
        // Enough is left, then not: once, and when it is called again once more.
        ulong* root = Query(Root);
        ulong left = root[0] - root[1];
        Expect(Kernel.Call(KernelCall.MemoryWatch, Machine, left - 40, n, Bits), 0, 4);
        Commit(o, 0, 8);
        Fails(Kernel.Call(KernelCall.NotificationWait, n, 0), KernelStatus.WouldBlock, 5);
        Commit(o, 8, 40);
        Expect(Kernel.Call(KernelCall.NotificationWait, n, 0), (long)Bits, 6);
        Commit(o, 48, 1);
        Fails(Kernel.Call(KernelCall.NotificationWait, n, 0), KernelStatus.WouldBlock, 7);
        Expect(Kernel.Call(KernelCall.MemoryWatch, Machine, Most, signal, Bits), 0, 8);
        Fails(Kernel.Call(KernelCall.NotificationWait, n, 0), KernelStatus.WouldBlock, 9);
        Commit(o, 49, 1);
        Expect(Kernel.Call(KernelCall.NotificationWait, n, 0), 2, 10);
        // 0 ends it, and so does the end of the notification.
        Kernel.Call(KernelCall.MemoryWatch, Machine, Most, n, Bits);
        Expect(Kernel.Call(KernelCall.MemoryWatch, Machine, 0, n, 0), 0, 11);
        Commit(o, 50, 1);
        Fails(Kernel.Call(KernelCall.NotificationWait, n, 0), KernelStatus.WouldBlock, 12);
        Kernel.Call(KernelCall.MemoryWatch, Machine, Most, n, Bits);
        foreach (ulong handle in (System.ReadOnlySpan<ulong>)[wait, signal, n])
            Kernel.Call(KernelCall.HandleClose, handle);
        Commit(o, 51, 1);
        foreach (ulong handle in (System.ReadOnlySpan<ulong>)[log, o])
            Kernel.Call(KernelCall.HandleClose, handle);
        Accounts.ExpectSame(before, 13);
    }

    // Pages of an object get frames by a mapping that is touched.
    private static void Commit(ulong o, ulong first, ulong count)
    {
        const ulong At = 0x3500_0000, Page = 4096;
        Kernel.Call(KernelCall.SpaceMap, WellKnownHandle.Self, At, count * Page, (ulong)(MapFlags.Read | MapFlags.Write | MapFlags.Shared), o, first * Page);
        Expect(Kernel.Call(KernelCall.SpacePopulate, WellKnownHandle.Self, At, count * Page), 0, 30);
        Kernel.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, At, count * Page);
    }

    private static ulong* Query(ulong account)
    {
        Kernel.Call(KernelCall.AccountQuery, account);
        return (ulong*)&Kernel.Block->Message;
    }

    private static ulong Free(ulong account) => Query(account)[0] - Query(account)[1];

    private static void Commit()
    {
        const ulong Limit = 3000;
        AccountState before = Accounts.State();
        Fails(Kernel.Call(KernelCall.AccountCreate, Root, Free(Root) + 1, 10, Committed), KernelStatus.NoMemory, 1);
        Fails(Kernel.Call(KernelCall.AccountCreate, Root, ulong.MaxValue, 10, Committed), KernelStatus.NoMemory, 2);
        Fails(Kernel.Call(KernelCall.AccountCreate, Root, 10, ulong.MaxValue, Committed), KernelStatus.NoMemory, 3);
        Fails(Kernel.Call(KernelCall.AccountCreate, Root, 10, 10, 2), KernelStatus.BadArgument, 4);
        Accounts.ExpectSame(before, 5);
        long account = Kernel.Call(KernelCall.AccountCreate, Root, Limit, 10, Committed);
        Expect(account > 0, 6);
        Expect((long)(Query((ulong)account)[5] & 0xff), (long)Committed, 7);
        ulong used = Query(Root)[1];
        Expect((long)(used - before.Frames) >= (long)Limit, 8);
        // All other memory is taken but for the tables of the object that takes it, and a little for the calls themselves.
        ulong most = Free(Root) * 511 / 512 - 200;
        long rest = Kernel.Call(KernelCall.MemoryCreate, Root, most * 4096, Sealed);
        Expect(rest > 0, 9);
        Fails(Kernel.Call(KernelCall.MemoryCreate, Root, 500 * 4096, Sealed), KernelStatus.NoMemory, 10);
        Accounts.State();
        used = Query(Root)[1];
        long inside = Kernel.Call(KernelCall.MemoryCreate, (ulong)account, 2800 * 4096, Sealed);
        Expect(inside > 0, 11);
        Expect((long)Query(Root)[1], (long)used, 12);
        Fails(Kernel.Call(KernelCall.MemoryCreate, (ulong)account, 400 * 4096, Sealed), KernelStatus.NoMemory, 13);
        // Committed within the committed.
        long child = Kernel.Call(KernelCall.AccountCreate, (ulong)account, 100, 5, Committed);
        Expect(child > 0, 14);
        Fails(Kernel.Call(KernelCall.AccountCreate, (ulong)account, 150, 5, Committed), KernelStatus.NoMemory, 15);
        Fails(Kernel.Call(KernelCall.AccountCreate, (ulong)account, 1, 6, Committed), KernelStatus.NoMemory, 16);
        long deep = Kernel.Call(KernelCall.MemoryCreate, (ulong)child, 90 * 4096, Sealed);
        Expect(deep > 0, 17);
        Expect((long)Query(Root)[1], (long)used, 18);
        // Closed accounts keep their memory reserved until what they paid for is gone.
        Kernel.Call(KernelCall.HandleClose, (ulong)account);
        Kernel.Call(KernelCall.HandleClose, (ulong)child);
        Expect((long)Query(Root)[1], (long)used, 19);
        foreach (long handle in (System.ReadOnlySpan<long>)[inside, deep, rest])
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        Accounts.ExpectSame(before, 20);
    }

    private static void Caps()
    {
        AccountState before = Accounts.State();
        long account = Kernel.Call(KernelCall.AccountCreate, Root, 1000, 50, 5 << 8);
        Expect((long)Query((ulong)account)[5], 5 << 8, 1);
        Fails(Kernel.Call(KernelCall.AccountCreate, (ulong)account, 10, 5, 6 << 8), KernelStatus.BadArgument, 2);
        Fails(Kernel.Call(KernelCall.AccountCreate, Root, 10, 5, 32 << 8), KernelStatus.BadArgument, 3);
        long child = Kernel.Call(KernelCall.AccountCreate, (ulong)account, 10, 5);
        Expect((long)Query((ulong)child)[5], 5 << 8, 4);
        long space = Kernel.Call(KernelCall.SpaceCreate, (ulong)account, 0, 0);
        // More than the cap becomes the cap.
        long thread = Kernel.Call(KernelCall.ThreadCreate, (ulong)space, 0, Kernel.EntryOfThreads, 0, 0, (ulong)ThreadFlags.Suspended | 20 << 8);
        Expect(thread > 0, 5);
        Fails(Kernel.Call(KernelCall.ThreadSetPriority, (ulong)thread, 6), KernelStatus.BadArgument, 6);
        Expect(Kernel.Call(KernelCall.ThreadSetPriority, (ulong)thread, 5), 0, 7);
        Kernel.Call(KernelCall.SpaceDestroy, (ulong)space);
        foreach (long handle in (System.ReadOnlySpan<long>)[thread, space, child, account])
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        Accounts.ExpectSame(before, 8);
    }
}
