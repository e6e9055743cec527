using Bare;
using static StoreChecks.Files;

namespace StoreChecks;

/// <summary>What is seen behind the end of a file, when it is cut, and by a child.</summary>
internal static class MappingChecks
{
    private const long Pages = 8;

    public static void End(long path)
    {
        long file = Open(path, Truncated);
        for (long page = 0; page < Pages; page++)
            Write(file, page * Page, page + 1);
        Truncate(file, Pages * Page - 100);
        long shared = Map(file, 2 * Pages), copy = Map(file, 2 * Pages, Private);
        Store(copy + 6 * Page, 66);
        Report.Number("last page"u8, Load(shared + 7 * Page));
        Report.Number("rest of the last page"u8, Load(shared + 8 * Page - 64));
        Report.Number("behind"u8, Try(shared + 8 * Page));
        Report.Number("far behind, store"u8, Try(shared + 15 * Page, store: true));
        Store(shared + 8 * Page - 64, 5);
        Truncate(file, 3 * Page + 8);
        Report.Number("cut away"u8, Try(shared + 4 * Page));
        Report.Number("cut away, copied"u8, Try(copy + 6 * Page));
        Report.Number("cut in the middle"u8, Load(shared + 3 * Page));
        Report.Number("grown"u8, Truncate(file, 12 * Page));
        Report.Number("hole"u8, Load(shared + 7 * Page) + Load(copy + 6 * Page) + Load(shared + 11 * Page));
        Store(shared + 11 * Page, 12);
        Report.Number("stored in a hole"u8, Read(file, 11 * Page));
        Report.Number("msync"u8, Msync(shared, Pages));
        Report.Number("still behind"u8, Try(shared + 12 * Page));
        Close(file);
        Report.Number("closed"u8, Load(shared + 11 * Page));
        Report.Number("moved"u8, Load(Remap(shared, 2 * Pages) + 11 * Page));
    }

    public static void Fork(long path)
    {
        long file = Open(path, Truncated);
        Truncate(file, Pages * Page);
        long shared = Map(file, Pages), copy = Map(file, Pages, Private);
        Store(shared, 1);
        Store(copy + Page, 2);
        long child = Files.Fork();
        if (child == 0)
        {
            Store(shared + 2 * Page, Load(shared) + 10);
            Store(copy + Page, Load(copy + Page) + 10);
            Write(file, 3 * Page, 30);
            bool same = Msync(shared, Pages) == 0 && Load(shared + 3 * Page) == 30;
            Linux.Exit(same ? 5 : 6);
        }

        Report.Number("child"u8, Wait(child) >> 8);
        Report.Number("shared with it"u8, Load(shared + 2 * Page));
        Report.Number("not shared"u8, Load(copy + Page));
        Report.Number("written by it"u8, Load(copy + 3 * Page));
        Report.Number("read"u8, Read(file, 2 * Page));
    }
}
