using System;
using Bare;
using static StoreChecks.Files;

namespace StoreChecks;

/// <summary>Processes are killed while they wait for pages of a mapping, by a load, by a call that copies, and by read: nothing of them is left.</summary>
internal static class KillChecks
{
    private const int Waiting = 6, Rounds = 5;
    private const long Pages = 1000;

    public static void Run(long path)
    {
        long file = Open(path, Truncated);
        for (long page = 0; page < Pages; page++)
            Write(file, page * Page, page + 1);
        Fsync(file);
        long shared = Map(file, Pages);
        Span<long> children = stackalloc long[2 * Waiting];
        long handles = 0, changed = 0, left = 0, wrong = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Disk.Say("evict"u8);
            Disk.Say("hold"u8);
            for (int number = 0; number < children.Length; number++)
                children[number] = Start(file, shared, number);
            while (Disk.Figure("waiting"u8) < Waiting)
                Sleep(10);
            foreach (long child in children)
                Kill(child);
            foreach (long child in children)
                wrong += Wait(child) == 9 ? 0 : 1;
            Disk.Say("go"u8);
            while (Disk.Figure("pending"u8) > 0)
                Sleep(10);
            left += Disk.Figure("waiting"u8);
            if (round > 0)
                changed += Disk.Figure("handles"u8) == handles ? 0 : 1;
            handles = Disk.Figure("handles"u8);
        }

        Report.Number("not killed"u8, wrong);
        Report.Number("accesses left"u8, left);
        Report.Number("handles changed"u8, changed);
        for (long page = 0; page < Pages; page++)
            wrong += Load(shared + page * Page) == page + 1 ? 0 : 1;
        Report.Number("wrong pages"u8, wrong);
    }

    private static long Start(long file, long shared, int number)
    {
        long child = Files.Fork();
        if (child != 0)
            return child;
        long page = 150 * (number / 2) + 30;
        Linux.Exit((int)((number & 1) == 0 ? Load(shared + page * Page) : Read(file, (page + 70) * Page)));
        return 0;
    }
}
