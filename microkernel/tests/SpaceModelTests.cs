using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>
/// Random changes of a space that nothing runs in, compared with a model that holds a word a page; its account is bounded at every value in turn, so that each
/// allocation of each call fails in some run. A call that fails must leave the space as it was, to the boundaries of its regions, and its account too.
/// </summary>
internal static unsafe class SpaceModelTests
{
    private const ulong Self = WellKnownHandle.Self, Root = WellKnownHandle.BootAccount, Page = 4096;
    private const MapFlags ReadWrite = MapFlags.Read | MapFlags.Write;

    // Three and a half leaf tables, so that moves go from one to the other and back; calls of at most a step, of which a failure is a failure as a whole.
    private const uint Pages = 1792, MostPages = 256;
    private const ulong Arena = 0x7_0000_0000 + 256 * Page, Model = 0x3800_0000, Source = 0x3900_0000;
    private const uint Mapped = 1, SharedBit = 2;
    private const int ProtectionShift = 4, ObjectShift = 16;

    // From less than an empty space needs to more than all calls of a run do.
    private const ulong LeastFrames = 4, MostFrames = 68;
    private const uint CallsPerLimit = 120, CallsWithoutLimit = 1500;

    private static ulong space, account, memory, usedAtFirst;
    private static ulong random;
    private static uint failures;

    private static uint* model => (uint*)Model;

    public static void Run()
    {
        Test("a move into the table that it empties"u8, &MoveIntoOwnTable);
        Test("random maps, moves and forks are those of a model"u8, &Unlimited);
        Test("a call that lacks memory has changed nothing"u8, &Limited);
    }

    // The first page is the last of its leaf table, which the second one then moves into.
    private static void MoveIntoOwnTable()
    {
        const ulong Boundary = 0x6_0040_0000, From = Boundary - 128 * Page, To = Boundary - 576 * Page;
        AccountState before = Accounts.State();
        Expect(Kernel.Call(KernelCall.SpaceMap, Self, From, MostPages * Page, (ulong)ReadWrite), 0, 1);
        Kernel.StoreWord(From + 16 * Page, 16);
        Kernel.StoreWord(From + 200 * Page, 200);
        Expect(Kernel.Call(KernelCall.SpaceMove, Self, From, MostPages * Page, To), 0, 2);
        Expect(Kernel.CopyWord(To + 16 * Page), 16, 3);
        Expect(Kernel.CopyWord(To + 200 * Page), 200, 4);
        Expect(Kernel.Call(KernelCall.SpaceUnmap, Self, To, MostPages * Page), 0, 5);
        Accounts.ExpectSame(before, 6);
    }

    private static void Unlimited()
    {
        Prepare();
        for (uint seed = 1; seed <= 8; seed++)
        {
            random = seed * 7919;
            Begin(4000);
            for (uint call = 0; call < CallsWithoutLimit; call++)
            {
                Change();
                if (call % 100 == 0)
                    Compare(space, 20);
            }
            Compare(space, 21);
            End();
        }
        Expect(failures, 0, 22);
        Finish();
    }

    private static void Limited()
    {
        Prepare();
        for (ulong limit = LeastFrames; limit <= MostFrames; limit++)
        {
            random = limit * 104729;
            if (Begin(limit))
            {
                for (uint call = 0; call < CallsPerLimit; call++)
                    Change();
                Compare(space, 23);
            }
            End();
        }
        // Else no allocation has failed, and nothing is shown.
        Expect(failures > 100, 24);
        Finish();
    }

    private static void Prepare()
    {
        failures = 0;
        Kernel.Call(KernelCall.SpaceMap, Self, Model, (Pages * sizeof(uint) + Page - 1) & ~(Page - 1), (ulong)ReadWrite);
        memory = (ulong)Kernel.Call(KernelCall.MemoryCreate, 0, Pages * Page, (ulong)MemoryFlags.Sealed);
        Kernel.Call(KernelCall.SpaceMap, Self, Source, Pages * Page, (ulong)(ReadWrite | MapFlags.Shared), memory);
        for (uint page = 0; page < Pages; page++)
            *(uint*)(Source + page * Page) = page + 1;
        Kernel.Call(KernelCall.SpaceUnmap, Self, Source, Pages * Page);
    }

    private static void Finish()
    {
        Kernel.Call(KernelCall.HandleClose, memory);
        Kernel.Call(KernelCall.SpaceUnmap, Self, Model, (Pages * sizeof(uint) + Page - 1) & ~(Page - 1));
    }

    private static bool Begin(ulong frames)
    {
        for (uint page = 0; page < Pages; page++)
            model[page] = 0;
        account = (ulong)Kernel.Call(KernelCall.AccountCreate, Root, frames, 10);
        usedAtFirst = Used();
        long made = Kernel.Call(KernelCall.SpaceCreate, account, 0, 0);
        space = made < 0 ? 0 : (ulong)made;
        return made >= 0;
    }

    private static void End()
    {
        if (space != 0)
        {
            Kernel.Call(KernelCall.SpaceDestroy, space);
            Kernel.Call(KernelCall.HandleClose, space);
        }
        // The reaper may still be at work on another CPU.
        for (int i = 0; i < 10_000 && Used() != usedAtFirst; i++)
            Threads.Sleep(20_000);
        Expect((long)Used(), (long)usedAtFirst, 25);
        Kernel.Call(KernelCall.HandleClose, account);
    }

    private static uint Random(uint below)
    {
        // xorshift64* (S. Vigna, 2014).
        random ^= random >> 12;
        random ^= random << 25;
        random ^= random >> 27;
        return (uint)((((random * 0x2545_f491_4f6c_dd1d) >> 32) * below) >> 32);
    }

    private static ulong* Words => (ulong*)&Kernel.Block->Message;

    private static ulong Used()
    {
        Kernel.Call(KernelCall.AccountQuery, account);
        return Words[1];
    }

    // What SpaceQuery tells of all regions, as one number.
    private static ulong Regions()
    {
        ulong digest = 0, at = Arena;
        while (Kernel.Call(KernelCall.SpaceQuery, space, at) >= 0 && Words[0] < Arena + Pages * Page)
        {
            for (int word = 0; word < 5; word++)
                digest = (digest ^ Words[word]) * 0x100_0000_01b3 + (digest >> 29);
            at = Words[0] + Words[1];
        }
        return digest;
    }

    private static void Change()
    {
        uint first = Random(Pages), count = 1 + Random(Random(3) == 0 ? MostPages : 24);
        if (count > Pages - first)
            count = Pages - first;
        ulong regions = Regions(), used = Used();
        long result;
        KernelStatus refused = KernelStatus.Ok;
        uint what = Random(18);
        if (what < 6)
            result = Map(first, count, out refused);
        else if (what < 8)
            result = Unmap(first, count);
        else if (what < 11)
            result = Protect(first, count, out refused);
        else if (what < 14)
            result = Move(first, count, out refused);
        else if (what < 17)
        {
            // Changes no content; what it has done when it lacks memory stays.
            for (uint page = first, end = page + MostPages; page < end && page < Pages; page += 1 + Random(40))
                Kernel.Call(KernelCall.SpacePopulate, space, Arena + page * Page, Page);
            return;
        }
        else
            result = Random(4) switch
            {
                0 => Fork(),
                1 => Kernel.Call(KernelCall.SpaceOffer, space, Arena + first * Page, count * Page, Random(2)),
                _ => Kernel.Call(KernelCall.SpaceDiscard, space, Arena + first * Page, count * Page),
            };
        if (result == (long)KernelStatus.NoMemory)
        {
            failures++;
            Expect((long)Regions(), (long)regions, 10);
            Expect(Used() <= used, 11);
            Compare(space, 12);
        }
        else
            Expect(result, (long)refused, 13);
    }

    private static bool IsFree(uint first, uint count)
    {
        for (uint page = first; page < first + count; page++)
            if (model[page] != 0)
                return false;
        return true;
    }

    private static MapFlags SomeProtection() =>
        Random(8) switch { 0 => MapFlags.None, 1 => MapFlags.Read, 2 => MapFlags.Read | MapFlags.Execute, _ => ReadWrite };

    private static long Map(uint first, uint count, out KernelStatus refused)
    {
        MapFlags flags = SomeProtection();
        bool replaces = Random(2) == 0;
        uint kind = Random(3), offset = Random(Pages - count + 1);
        ulong o = kind == 0 ? 0 : memory;
        if (kind == 2)
            flags |= MapFlags.Shared;
        refused = replaces || IsFree(first, count) ? KernelStatus.Ok : KernelStatus.Occupied;
        long result = Kernel.Call(
            KernelCall.SpaceMap, space, Arena + first * Page, count * Page, (ulong)(replaces ? flags | MapFlags.Replace : flags), o, o == 0 ? 0
            : offset * Page);
        if (result == 0)
            for (uint page = 0; page < count; page++)
                model[first + page] = Mapped | (kind == 2 ? SharedBit : 0) | (uint)(flags & MapFlags.Protection) << ProtectionShift
                | (kind == 0 ? 0 : (offset + page + 1) << ObjectShift);
        return result;
    }

    private static long Unmap(uint first, uint count)
    {
        long result = Kernel.Call(KernelCall.SpaceUnmap, space, Arena + first * Page, count * Page);
        if (result == 0)
            for (uint page = 0; page < count; page++)
                model[first + page] = 0;
        return result;
    }

    private static long Protect(uint first, uint count, out KernelStatus refused)
    {
        MapFlags flags = SomeProtection();
        refused = KernelStatus.Ok;
        for (uint page = 0; page < count; page++)
            if (model[first + page] == 0)
                refused = KernelStatus.NotMapped;
        long result = Kernel.Call(KernelCall.SpaceProtect, space, Arena + first * Page, count * Page, (ulong)flags);
        if (result == 0)
            for (uint page = 0; page < count; page++)
                model[first + page] = (model[first + page] & ~(15u << ProtectionShift)) | (uint)flags << ProtectionShift;
        return result;
    }

    // Most are of one region; what reaches beyond it is refused.
    private static long Move(uint first, uint count, out KernelStatus refused)
    {
        refused = KernelStatus.Ok;
        long start = Kernel.Call(KernelCall.SpaceQuery, space, Arena + first * Page);
        bool isThere = start >= 0 && Words[0] <= Arena + first * Page, keeps = Random(3) == 0;
        uint end = (uint)((Words[0] + Words[1] - Arena) / Page);
        if (isThere && first + count > end && Random(4) != 0)
            count = end - first;
        uint target = Random(Pages - count + 1);
        if (target < first + count && first < target + count)
            refused = KernelStatus.BadArgument;
        else if (!IsFree(target, count))
            refused = KernelStatus.Occupied;
        else if (!isThere || first + count > end)
            refused = KernelStatus.NotMapped;
        long result = Kernel.Call(KernelCall.SpaceMove, space, Arena + first * Page, count * Page, Arena + target * Page, keeps ? 1ul : 0);
        if (result == 0)
        {
            for (uint page = 0; page < count; page++)
            {
                model[target + page] = model[first + page];
                if (!keeps)
                    model[first + page] = 0;
            }
        }
        return result;
    }

    private static long Fork()
    {
        long child = Kernel.Call(KernelCall.SpaceFork, space, account, 0, 0);
        if (child < 0)
            return child;
        Compare((ulong)child, 14);
        Kernel.Call(KernelCall.SpaceDestroy, (ulong)child);
        return Kernel.Call(KernelCall.HandleClose, (ulong)child);
    }

    // Regions and contents of a space are the model's.
    private static void Compare(ulong which, int place)
    {
        ulong at = Arena, end = Arena + Pages * Page;
        uint page = 0;
        while (Kernel.Call(KernelCall.SpaceQuery, which, at) >= 0 && Words[0] < end)
        {
            ulong start = Words[0], stop = start + Words[1], flags = Words[2], offset = Words[4];
            bool hasObject = Words[3] != 0;
            for (; Arena + page * Page < start; page++)
                Expect(model[page], 0, place);
            for (; Arena + page * Page < stop; page++)
            {
                uint found = Mapped | ((flags & (ulong)MapFlags.Shared) != 0 ? SharedBit : 0) | (uint)(flags & (ulong)MapFlags.Protection) << ProtectionShift
                    | (hasObject ? (uint)((offset + (Arena + page * Page - start)) / Page + 1) << ObjectShift : 0);
                Expect(found, model[page], place);
                Expect(Kernel.Call(KernelCall.SpaceRead, which, Arena + page * Page, sizeof(uint)), sizeof(uint), place);
                Expect(*(uint*)Words, model[page] >> ObjectShift, place);
            }
            at = stop;
        }
        for (; page < Pages; page++)
            Expect(model[page], 0, place);
    }
}
