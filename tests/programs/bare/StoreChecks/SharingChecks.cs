using Bare;
using static StoreChecks.Files;

namespace StoreChecks;

/// <summary>
/// Processes that write words of their own into the pages of one file, which is larger than the cache, through a mapping and by write, and look what is in
/// them by the other way.
/// </summary>
internal static class SharingChecks
{
    private const int Processes = 4, Rounds = 2, Pages = 2560, Step = 1021; // a step through all pages that goes to another place each time

    public static void Run(long path)
    {
        long file = Open(path, Truncated);
        Truncate(file, Pages * Page);
        System.Span<long> children = stackalloc long[Processes];
        for (int number = 0; number < Processes; number++)
        {
            children[number] = Fork();
            if (children[number] == 0)
                Linux.Exit(Work(path, number));
        }

        long failed = 0;
        foreach (long child in children)
            failed += Wait(child);
        Report.Number("processes that saw something else"u8, failed);
        long shared = Map(file, Pages), wrongMapped = 0, wrongRead = 0;
        for (int number = 0; number < Processes; number++)
        {
            for (long page = 0; page < Pages; page++)
            {
                long expected = Value(number, page, Rounds - 1);
                wrongMapped += Load(At(shared, page, number)) == expected ? 0 : 1;
                wrongRead += Read(file, At(0, page, number)) == expected ? 0 : 1;
            }
        }

        Report.Number("wrong words in the mapping"u8, wrongMapped);
        Report.Number("wrong words in the file"u8, wrongRead);
    }

    private static int Work(long path, int number)
    {
        // A description and a mapping of its own.
        long file = Open(path, Existing), shared = Map(file, Pages), wrong = 0;
        for (int round = 0; round < Rounds; round++)
        {
            for (long turn = 0; turn < Pages; turn++)
            {
                long page = (turn * Step + number * 700) % Pages, before = round == 0 ? 0 : Value(number, page, round - 1);
                bool isMapped = ((page + round + number) & 1) == 0;
                long seen = isMapped ? Read(file, At(0, page, number)) : Load(At(shared, page, number));
                wrong += seen == before ? 0 : 1;
                if (isMapped)
                    Store(At(shared, page, number), Value(number, page, round));
                else if (Write(file, At(0, page, number), Value(number, page, round)) != sizeof(long))
                    wrong++;
            }

            if (number == round)
                wrong += Msync(shared, Pages) == 0 ? 0 : 1;
        }

        return wrong == 0 ? 0 : 1;
    }

    private static long At(long start, long page, int number) => start + page * Page + (number * 1000 & -sizeof(long));

    private static long Value(int number, long page, int round) => (page * 31 + number) * 1000 + round + 1;
}
