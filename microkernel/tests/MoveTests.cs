using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>
/// Moves of many steps, with the account bounded at every value from what the range needs to what the move needs: each of its allocations fails in some
/// run, and a move that fails has left everything where it was.
/// </summary>
internal static unsafe class MoveTests
{
    private const ulong Self = WellKnownHandle.Self, Root = WellKnownHandle.BootAccount, Page = 4096, Table = 512;
    private const ulong ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write);

    private const ulong Pages = 1500, SparsePages = 20 * Table, Most = 4000, Tries = 80;
    private const ulong From = 0x6_4000_0000 + 300 * Page, Boundary = 0x8_0000_0000, Source = 0x3900_0000;

    private static ulong space, account, memory;

    private static ulong* Words => (ulong*)&Kernel.Block->Message;

    public static void Run()
    {
        Test("a long move happens as a whole or not at all"u8, &Dense);
        Test("a long move of few pages needs their tables and no more"u8, &Sparse);
    }

    private static void Dense()
    {
        AccountState before = Accounts.State();
        memory = (ulong)Kernel.Call(KernelCall.MemoryCreate, 0, Pages * Page, (ulong)MemoryFlags.Sealed);
        Kernel.Call(KernelCall.SpaceMap, Self, Source, Pages * Page, ReadWrite | (ulong)MapFlags.Shared, memory);
        for (uint page = 0; page < Pages; page++)
            *(uint*)(Source + page * Page) = page + 1;
        Kernel.Call(KernelCall.SpaceUnmap, Self, Source, Pages * Page);
        // As the source lies in its tables, beside that, over the end of a gigabyte, and into the table that the source begins in.
        foreach (ulong target in (System.ReadOnlySpan<ulong>)[From + 8 * Table * Page, From + 8 * Table * Page + 100 * Page, Boundary - 700 * Page,
            From - 10 * Page - Pages * Page])
            Limit(target, isSparse: false);
        Kernel.Call(KernelCall.HandleClose, memory);
        Accounts.ExpectSame(before, 20);
    }

    // Two pages in every other table, which lie in two tables each after the move.
    private static void Sparse()
    {
        AccountState before = Accounts.State();
        Limit(Boundary + (300 + 256) * Page, isSparse: true);
        Accounts.ExpectSame(before, 21);
    }

    private static void Limit(ulong target, bool isSparse)
    {
        ulong needed = Begin(Most, isSparse), length = isSparse ? SparsePages * Page : Pages * Page, resident = isSparse ? SparsePages / Table : Pages;
        End();
        uint failures = 0;
        bool moved = false;
        for (ulong more = 0; more < Tries && !moved; more++)
        {
            if (Begin(needed + more, isSparse) != needed)
            {
                End();
                continue;
            }
            long result = Kernel.Call(KernelCall.SpaceMove, space, From, length, target);
            moved = result == 0;
            if (!moved)
                Fails(result, KernelStatus.NoMemory, 1);
            failures += moved ? 0u : 1;
            Compare(moved ? target : From, length, resident, isSparse);
            Expect(Used() >= needed - 1, 6);
            End();
        }
        Expect(moved, 2);
        // Else no allocation has failed, and nothing is shown.
        Expect(failures > 3, 3);
    }

    // A space with the range in it; what its account has used then.
    private static ulong Begin(ulong limit, bool isSparse)
    {
        account = (ulong)Kernel.Call(KernelCall.AccountCreate, Root, limit, 10);
        space = (ulong)Kernel.Call(KernelCall.SpaceCreate, account, 0, 0);
        if ((long)space < 0)
            return 0;
        if (!isSparse)
        {
            Kernel.Call(KernelCall.SpaceMap, space, From, Pages * Page, ReadWrite | (ulong)MapFlags.Shared, memory);
            Kernel.Call(KernelCall.SpacePopulate, space, From, Pages * Page);
            return Used();
        }
        Kernel.Call(KernelCall.SpaceMap, space, From, SparsePages * Page, ReadWrite);
        for (ulong page = 255 + Table - 300; page < SparsePages; page += 2 * Table)
            Kernel.Call(KernelCall.SpacePopulate, space, From + page * Page, 2 * Page);
        return Used();
    }

    private static void End()
    {
        Kernel.Call(KernelCall.SpaceDestroy, space);
        Kernel.Call(KernelCall.HandleClose, space);
        Kernel.Call(KernelCall.HandleClose, account);
    }

    private static void Compare(ulong at, ulong length, ulong resident, bool isSparse)
    {
        Expect(Kernel.Call(KernelCall.SpaceQuery, space, 0x10000), (long)at, 4);
        Expect((long)Words[1], (long)length, 4);
        Expect(Kernel.Call(KernelCall.SpaceQuery, space, at + length) >= (long)Window.Base, 4);
        Kernel.Call(KernelCall.SpaceUsage, space, 0);
        Expect((long)Words[0], (long)(resident * Page), 5);
        for (ulong page = 0; page < Pages && !isSparse; page += 11)
        {
            Kernel.Call(KernelCall.SpaceRead, space, at + page * Page, sizeof(uint));
            Expect(*(uint*)Words, (long)page + 1, 5);
        }
    }

    private static ulong Used()
    {
        Kernel.Call(KernelCall.AccountQuery, account);
        return Words[1];
    }
}
