using System;
using Bare;

namespace MappingChecks;

/// <summary>mremap(2) of ranges that are several mappings, and with MREMAP_DONTUNMAP: all of it moves, or nothing.</summary>
internal static class RemapChecks
{
    private const int MayMove = 1, Fixed = 2, DontUnmap = 4;
    private const long Length = 4 * Sys.Page;

    // More than one step of the kernel.
    private const long Many = 600;

    public static void Run()
    {
        Several();
        Cut();
        int file = Sys.Open("/w/file\0"u8, Sys.ReadWrite);
        Kept("anonymous"u8, Sys.Map(0, Length, Sys.Read | Sys.Write, Sys.Private | Sys.Anonymous, -1), writes: true);
        Kept("shared"u8, Sys.Map(0, Length, Sys.Read | Sys.Write, Sys.Shared | Sys.Anonymous, -1), writes: true);
        Kept("shared file"u8, Sys.Map(0, Length, Sys.Read, Sys.Shared, file, Sys.Page), writes: false);
        Kept("private file"u8, Sys.Map(0, Length, Sys.Read | Sys.Write, Sys.Private, file, Sys.Page), writes: true);
        Sys.Close(file);
        Long();
        Refused();
    }

    // Two mappings beside each other, then a hole, then another.
    private static long Prepare()
    {
        long place = Sys.Map(0, 16 * Sys.Page, Sys.None, Sys.Private | Sys.Anonymous, -1);
        Sys.Unmap(place, 16 * Sys.Page);
        Sys.Map(place, 4 * Sys.Page, Sys.Read | Sys.Write, Sys.Private | Sys.Anonymous | Sys.Fixed, -1);
        Sys.Map(place + 5 * Sys.Page, Sys.Page, Sys.Read | Sys.Write, Sys.Private | Sys.Anonymous | Sys.Fixed, -1);
        foreach (int page in (ReadOnlySpan<int>)[0, 1, 2, 3, 5])
            Sys.Poke(place + page * Sys.Page, (byte)(50 + page));
        Sys.Protect(place + 2 * Sys.Page, 2 * Sys.Page, Sys.Read);
        return place;
    }

    private static void Several()
    {
        long place = Prepare(), target = place + 8 * Sys.Page;
        Report.Number("two mappings"u8, Sys.Remap(place, 4 * Sys.Page, 4 * Sys.Page, MayMove | Fixed, target));
        Report.Number("two mappings grow"u8, Sys.Remap(place, 4 * Sys.Page, 6 * Sys.Page, MayMove, 0));
        Report.Number("two mappings stay"u8, Sys.Remap(place, 4 * Sys.Page, 4 * Sys.Page, MayMove | DontUnmap, 0));
        Report.Number("a hole"u8, Sys.Remap(place + 4 * Sys.Page, Sys.Page, 2 * Sys.Page, MayMove, 0));
        Report.Number("up to a hole"u8, Sys.Remap(place + 2 * Sys.Page, 3 * Sys.Page, 3 * Sys.Page, MayMove | Fixed, target));
        Report.Number("over a hole"u8, Sys.Remap(place, 6 * Sys.Page, 7 * Sys.Page, MayMove, 0));
        Show(place, 6);
        Sys.Unmap(place, 16 * Sys.Page);
    }

    // What is cut off may be anything.
    private static void Cut()
    {
        long place = Prepare(), target = place + 8 * Sys.Page;
        Report.Number("same length"u8, Sys.Remap(place, 4 * Sys.Page, 4 * Sys.Page, 0, 0) - place);
        Report.Number("shorter"u8, Sys.Remap(place, 6 * Sys.Page, 3 * Sys.Page, 0, 0) - place);
        Show(place, 6);
        Sys.Unmap(place, 16 * Sys.Page);
        place = Prepare();
        target = place + 8 * Sys.Page;
        Report.Number("shorter elsewhere"u8, Sys.Remap(place, 6 * Sys.Page, 2 * Sys.Page, MayMove | Fixed, target) - target);
        Show(place, 6);
        Show(target, 3);
        Sys.Unmap(place, 16 * Sys.Page);
    }

    // The old place shows what a fresh mapping would, and both can be used.
    private static void Kept(ReadOnlySpan<byte> name, long place, bool writes)
    {
        for (int page = 0; writes && page < 2; page++)
            Sys.Poke(place + page * Sys.Page, (byte)(70 + page));
        Report.Number("before"u8, Sys.Peek(place + 2 * Sys.Page));
        long moved = Sys.Remap(place, Length, Length, MayMove | DontUnmap, 0);
        Report.Number(name, moved > 0 ? 1 : moved);
        Show(place, 4);
        Show(moved, 4);
        if (writes)
        {
            Report.Number("poke"u8, Sys.Poke(place + Sys.Page, 90));
            Show(moved, 2);
            Report.Number("poke"u8, Sys.Poke(moved + Sys.Page, 91));
            Show(place, 2);
        }

        Sys.Unmap(place, Length);
        Sys.Unmap(moved, Length);
    }

    private static void Long()
    {
        long place = Sys.Map(0, Many * Sys.Page, Sys.Read | Sys.Write, Sys.Private | Sys.Anonymous, -1);
        for (int page = 0; page < Many; page++)
            Sys.Poke(place + page * Sys.Page, (byte)page);
        long moved = Sys.Remap(place, Many * Sys.Page, Many * Sys.Page, MayMove | DontUnmap, 0);
        int right = 0;
        for (int page = 0; page < Many; page++)
            right += Sys.Peek(moved + page * Sys.Page) == (byte)page && Sys.Peek(place + page * Sys.Page) == 0 ? 1 : 0;
        Report.Number("many"u8, right);
        Sys.Unmap(place, Many * Sys.Page);
        Sys.Unmap(moved, Many * Sys.Page);
    }

    private static void Refused()
    {
        long place = Sys.Map(0, Length, Sys.Read | Sys.Write, Sys.Private | Sys.Anonymous, -1);
        Sys.Poke(place, 80);
        Report.Number("stays and grows"u8, Sys.Remap(place, Length, 2 * Length, MayMove | DontUnmap, 0));
        Report.Number("stays and does not move"u8, Sys.Remap(place, Length, Length, DontUnmap, 0));
        Report.Number("odd hint"u8, Sys.Remap(place, Length, Length, MayMove | DontUnmap, 5));
        Report.Number("onto itself"u8, Sys.Remap(place, Length, Length, MayMove | DontUnmap, place + Sys.Page));
        Report.Number("nothing there"u8, Sys.Remap(place + 16 * Length, Length, Length, MayMove | DontUnmap | Fixed, place) < 0 ? 0 : 1);
        Show(place, 1);
        Sys.Unmap(place, Length);
    }

    private static void Show(long place, int pages)
    {
        for (int page = 0; page < pages; page++)
            Report.Number("byte"u8, Sys.Peek(place + page * Sys.Page));
    }
}
