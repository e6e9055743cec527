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
        Test("a long move of pages alone happens as a whole or not at all"u8, &Kept);
        Test("what is not one region does not move"u8, &Several);
        Test("a long move of few pages needs their tables and no more"u8, &Sparse);
    }

    private static void Dense() => Long(keeps: false);

    private static void Kept() => Long(keeps: true);

    private static void Long(bool keeps)
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
            Limit(target, isSparse: false, keeps);
        Kernel.Call(KernelCall.HandleClose, memory);
        Accounts.ExpectSame(before, 20);
    }

    // Two pages in every other table, which lie in two tables each after the move.
    private static void Sparse()
    {
        AccountState before = Accounts.State();
        Limit(Boundary + (300 + 256) * Page, isSparse: true, keeps: false);
        Accounts.ExpectSame(before, 21);
    }

    // Two protections, a hole, an end: also where the first region alone takes several steps.
    private static void Several()
    {
        const ulong Target = From + 8 * Table * Page;
        AccountState before = Accounts.State();
        foreach (ulong first in (System.ReadOnlySpan<ulong>)[2, 600])
        {
            Kernel.Call(KernelCall.SpaceMap, Self, From, (first + 2) * Page, ReadWrite);
            Kernel.StoreWord(From, 1);
            Kernel.StoreWord(From + (first + 1) * Page, 2);
            Kernel.Call(KernelCall.SpaceProtect, Self, From + first * Page, 2 * Page, (ulong)MapFlags.Read);
            Kernel.Call(KernelCall.SpaceMap, Self, From + (first + 3) * Page, Page, ReadWrite);
            foreach (ulong keeps in (System.ReadOnlySpan<ulong>)[0, 1])
            {
                foreach (ulong length in (System.ReadOnlySpan<ulong>)[first + 1, first + 2, first + 3, first + 5])
                    Fails(Kernel.Call(KernelCall.SpaceMove, Self, From, length * Page, Target, keeps), KernelStatus.NotMapped, 1);
                Fails(Kernel.Call(KernelCall.SpaceMove, Self, From + (first + 2) * Page, Page, Target, keeps), KernelStatus.NotMapped, 2);
                Fails(Kernel.Call(KernelCall.SpaceMove, Self, From - Page, 2 * Page, Target, keeps), KernelStatus.NotMapped, 3);
            }
            Fails(Kernel.Call(KernelCall.SpaceMove, Self, From, Page, Target, 2), KernelStatus.BadArgument, 4);
            Expect(Kernel.CopyWord(From), 1, 5);
            Expect(Kernel.CopyWord(From + (first + 1) * Page), 2, 6);
            Expect(Kernel.CopyWord(Target), -1, 7);
            // Where the pages were are pages of zeroes.
            Expect(Kernel.Call(KernelCall.SpaceMove, Self, From, first * Page, Target, 1), 0, 8);
            Expect(Kernel.CopyWord(Target), 1, 9);
            Expect(Kernel.CopyWord(From), 0, 10);
            Expect(Kernel.StoreWord(From, 3), 0, 11);
            Expect(Kernel.CopyWord(Target), 1, 12);
            Kernel.Call(KernelCall.SpaceUnmap, Self, From, (first + 4) * Page);
            Kernel.Call(KernelCall.SpaceUnmap, Self, Target, first * Page);
        }
        Accounts.ExpectSame(before, 13);
    }

    private static void Limit(ulong target, bool isSparse, bool keeps)
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
            long result = Kernel.Call(KernelCall.SpaceMove, space, From, length, target, keeps ? 1ul : 0);
            moved = result == 0;
            if (!moved)
                Fails(result, KernelStatus.NoMemory, 1);
            failures += moved ? 0u : 1;
            if (keeps && moved)
            {
                // The region is there twice, its pages once. Neither is beside the other, so one can go for the other to be looked at.
                Expect(Kernel.Call(KernelCall.SpaceQuery, space, From), (long)From, 7);
                Expect(Words[1] == length && Words[5] == 0, 7);
                Expect(Kernel.Call(KernelCall.SpaceRead, space, From + 7 * Page, sizeof(uint)) > 0 && *(uint*)Words == 8, 7);
                Kernel.Call(KernelCall.SpaceUnmap, space, From, length);
            }
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
        Expect(Kernel.Call(KernelCall.SpaceQuery, space, at + length) >= (long)Window.Vdso, 4);
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
