using Bare;
using ConnectionChecks;
using Hostile;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace EventChecks;

/// <summary>What a program may do to the pages that it has mapped, and what it may not do to others. Each attack is a child.</summary>
internal static class HostileChecks
{
    private const ulong Page = EventCounterPage.Length, Mask = (ulong)(MapFlags.Read | MapFlags.Write);
    private const int MostSpins = 200_000, Rounds = 300;

    // A descriptor whose page the attackers have too, one that they do not have, and one that they inherit and close.
    private static int shared, secret, closed;

    public static int Run()
    {
        shared = Used(0);
        secret = Used(41);
        Events.Add(secret, 1);
        closed = Used(0);
        Report.Number("mapped"u8, CountMapped());
        Attack("scribbles"u8, 0);
        Attack("scribbles while others use it"u8, 1);
        Attack("maps what it has no handle of"u8, 2);
        Attack("maps where nothing is offered"u8, 3);
        Attack("keeps a page"u8, 4);
        Attack("touches a page that is gone"u8, 5);
        Attack("unmaps under its own feet"u8, 6);
        Attack("rings for nothing"u8, 7);
        Attack("maps and never unmaps"u8, 8);
        Report.Number("nobody else's"u8, Events.Take(secret));
        Report.Number("mine still works"u8, Events.Add(closed, 5) * 10 + Events.Take(closed));
        return 0;
    }

    private static int Used(uint first)
    {
        int counter = Events.Create(first, Events.NonBlock);
        for (int round = 0; round < 3; round++)
            Events.Add(counter, 0);
        return counter;
    }

    private static void Attack(System.ReadOnlySpan<byte> name, int kind)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(secret);
            Linux.Exit(Begin(kind));
        }

        Report.Number(name, Sys.Wait(child));
    }

    private static int Begin(int kind)
    {
        switch (kind)
        {
            case 0: return Scribble();
            case 1: return ScribbleBeside();
            case 2: return MapOthers();
            case 3: return MapElsewhere();
            case 4: return Keep();
            case 5: return Touch();
            case 6: return Unmap();
            case 7: return Ring();
            default: return Hoard();
        }
    }

    // Any values, and all calls on it: answers of whatever kind, and neither vfs nor others are harmed.
    private static int Scribble()
    {
        int counter = Used(0);
        ulong page = First();
        var chance = new Chance(11);
        for (int round = 0; round < Rounds; round++)
        {
            for (ulong offset = 0; offset < 64; offset += sizeof(ulong))
                Gate.Word(page + offset) = round % 3 == 0 ? ulong.MaxValue - (ulong)(round % 5) : chance.Next();
            Events.Ready(counter);
            Events.Take(counter);
            Events.Add(counter, chance.Next());
            Events.Vectored(counter, false, 0, 4, 0, 4); // by a request
        }

        Gate.Word(page) = ulong.MaxValue;
        return Events.Ready(counter) == 100 + Sys.In + Sys.Error && Events.Take(counter) == -1 ? 0 : 1;
    }

    private static int ScribbleBeside()
    {
        int counter = Used(0), child = Sys.Fork();
        if (child == 0)
        {
            Used(0);
            Events.Add(counter, 0);
            Events.Add(counter, 0);
            ulong page = First();
            for (ulong round = 0; ; round++)
                Gate.Word(page + round % 3 * sizeof(ulong)) = round * 0x9E37_79B9_7F4A_7C15;
        }

        for (int round = 0; round < Rounds; round++)
        {
            Events.Ready(counter, 0);
            Events.Take(counter);
            Events.Add(counter, 1);
            Events.Vectored(counter, false, 0, 4, 0, 4);
        }

        Sys.Kill(child);
        return Sys.Wait(child) == 1009 ? 0 : 1;
    }

    // All handles that there could be, at a page that is offered: what this process has are shared, closed and the files of every program.
    private static int MapOthers()
    {
        int wrong = 0, mapped = 0;
        ulong place = Window.MemorySources + 100 * Page;
        uint first = HandleOf(shared), second = HandleOf(closed);
        for (uint handle = 0; handle < 300; handle++)
        {
            Offer(place);
            long result = Call(VfsOperation.MapSource, handle, place);
            bool isMine = handle == first || handle == second;
            mapped += isMine && result == 0 ? 1 : 0;
            wrong += !isMine && result >= 0 ? 1 : 0;
        }

        return wrong * 10 + (mapped == 2 ? 0 : 1);
    }

    private static int MapElsewhere()
    {
        uint handle = HandleOf(shared);
        ulong[] places =
        [
            Window.MemorySources + 100 * Page, Window.MemorySources - Page, Window.MemorySources + Window.MemorySourceCount * Page, Window.VfsConnection,
            Window.StartTableAddress, Window.Heap, Window.ThreadBlocks, Window.KernelPageAddress, 0x10_0000, 0, ulong.MaxValue - Page + 1,
        ];
        int wrong = 0;
        foreach (ulong place in places)
            wrong += Call(VfsOperation.MapSource, handle, place) < 0 ? 0 : 1;
        return wrong;
    }

    // Its page moved to where it likes, and the descriptor closed: while others have the description it is theirs too; no other comes to lie there.
    private static int Keep()
    {
        Events.Add(closed, 0);
        Events.Add(closed, 0);
        ulong page = First(), place = Window.MemorySources + 120 * Page;
        if (Gate.Call(KernelCall.SpaceMove, WellKnownHandle.Self, page, Page, place) != 0)
            return 1;
        Sys.Close(closed);
        Gate.Word(place) = 7;
        int other = Used(3);
        return Gate.Word(place) == 7 && Events.Take(other) == 3 ? 0 : 2;
    }

    // The last handle of the description is closed: the page is gone, wherever it was moved to.
    private static int Touch()
    {
        int counter = Used(5);
        ulong page = First(), place = Window.MemorySources + 120 * Page;
        if (Gate.Call(KernelCall.SpaceMove, WellKnownHandle.Self, page, Page, place) != 0)
            return 1;
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit(0);
        Sys.Wait(child);
        bool isThere = Gate.Word(place) == 5;
        Sys.Close(counter);
        return isThere ? (int)Gate.Word(place) : 2; // a signal
    }

    private static int Unmap()
    {
        int counter = Used(5);
        if (Gate.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, First(), Page) != 0)
            return 1;
        bool works = Events.Take(counter) == 5 && Events.Add(counter, 2) == 8 && Events.Ready(counter) == 105 && Events.Take(counter) == 2;
        return works ? 0 : 2;
    }

    private static int Ring()
    {
        uint handle = HandleOf(shared);
        int wrong = 0;
        for (int round = 0; round < Rounds; round++)
            wrong += Call(VfsOperation.SourceChanged, handle, 0) == 0 ? 0 : 1;
        return wrong + (Call(VfsOperation.SourceChanged, 299, 0) < 0 ? 0 : 1) + (Call(VfsOperation.SourceChanged, ulong.MaxValue, 0) < 0 ? 0 : 1);
    }

    // More pages than there may be: what is refused works by requests.
    private static int Hoard()
    {
        const int count = 900;
        int wrong = 0;
        for (int index = 0; index < count; index++)
        {
            int counter = Used((uint)index + 1);
            wrong += counter >= 0 && Events.Take(counter) == index + 1 ? 0 : 1;
            if (index % 100 == 99)
                Gate.Call(KernelCall.SpaceMove, WellKnownHandle.Self, First(), Page, Window.MemorySources + (ulong)index * Page);
        }

        return wrong;
    }

    private static void Offer(ulong place)
    {
        Gate.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, place, Page);
        Map(place);
        Gate.Call(KernelCall.SpaceOffer, WellKnownHandle.Self, place, Page, 1);
    }

    private static void Map(ulong place) => Gate.Call(KernelCall.SpaceMap, WellKnownHandle.Self, place, Page, (ulong)MapFlags.ForkOmit);

    // The lowest page that is mapped. A forked child has none at first.
    private static ulong First()
    {
        ulong at = (ulong)Gate.Call(KernelCall.SpaceQuery, WellKnownHandle.Self, Window.MemorySources);
        return at < Window.MemorySources + Window.MemorySourceCount * Page ? at : 0;
    }

    private static int CountMapped()
    {
        int count = 0;
        for (ulong place = Window.MemorySources; place < Window.MemorySources + Window.MemorySourceCount * Page; place += Page)
            count += (ulong)Gate.Call(KernelCall.SpaceQuery, WellKnownHandle.Self, place) == place ? 1 : 0;
        return count;
    }

    private static uint HandleOf(int descriptor) =>
        (Gate.Half(Window.VfsConnection + VfsLimits.DescriptorTable + (ulong)descriptor * sizeof(ushort)) & 0xFFFF) - 1;

    // One request to vfs without the personality, which sees its own indices out of step afterwards: only by children that end then.
    private static long Call(VfsOperation operation, ulong a0, ulong a1)
    {
        ulong memory = Window.VfsConnection;
        uint tail = Gate.Half(memory + RingLayout.SubmissionTail), answered = Gate.Half(memory + RingLayout.CompletionTail);
        ulong at = memory + VfsLimits.Shape.Submissions + tail % VfsLimits.Slots * RingLayout.SlotLength;
        Gate.Word(at) = tail;
        Gate.Word(at + 8) = (ushort)operation;
        Gate.Word(at + 16) = 0;
        Gate.Word(at + 24) = a0;
        Gate.Word(at + 32) = a1;
        Gate.Half(memory + RingLayout.SubmissionTail) = tail + 1;
        Gate.Call(KernelCall.NotificationSignal, WellKnownHandle.VfsDoorbell, ulong.MaxValue >> 1);
        for (int spin = 0; spin < MostSpins; spin++)
        {
            if (Gate.Half(memory + RingLayout.CompletionTail) != answered)
            {
                Gate.Half(memory + RingLayout.CompletionHead) = answered + 1;
                return (long)Gate.Word(memory + VfsLimits.Shape.Completions + answered % VfsLimits.Slots * RingLayout.SlotLength + 8);
            }

            Gate.Call(KernelCall.ThreadYield);
        }

        return long.MinValue;
    }
}
