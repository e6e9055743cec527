using System;
using Bare;

namespace MappingChecks;

/// <summary>MAP_FIXED of files over what is there: all of it, or nothing when the file cannot be mapped.</summary>
internal static class ReplacementChecks
{
    private const long Length = 4 * Sys.Page;

    public static void Run()
    {
        int file = Sys.Open("/w/file\0"u8, Sys.ReadOnly);
        int written = Sys.Open("/w/file\0"u8, Sys.WriteOnly);
        int directory = Sys.Open("/etc\0"u8, Sys.ReadOnly);
        long place = Sys.Map(0, 8 * Sys.Page, Sys.Read | Sys.Write, Sys.Private | Sys.Anonymous, -1);
        Fill(place, 8);
        Tell("not readable"u8, Sys.Map(place, Length, Sys.Read, Sys.Private | Sys.Fixed, written), place);
        Tell("directory"u8, Sys.Map(place, Length, Sys.Read, Sys.Private | Sys.Fixed, directory), place);
        Tell("closed"u8, Sys.Map(place, Length, Sys.Read, Sys.Private | Sys.Fixed, 99), place);
        Tell("not replaced"u8, Sys.Map(place, Length, Sys.Read, Sys.Private | Sys.FixedNoReplace, file), place);
        Tell("middle"u8, Sys.Map(place + Sys.Page, Length, Sys.Read, Sys.Private | Sys.Fixed, file), place + Sys.Page);
        Sys.Unmap(place + 6 * Sys.Page, Sys.Page);
        Tell("over a hole"u8, Sys.Map(place + 4 * Sys.Page, Length, Sys.Read, Sys.Private | Sys.Fixed, file), place + 4 * Sys.Page);
        Tell("over itself"u8, Sys.Map(place + Sys.Page, Length, Sys.Read | Sys.Write, Sys.Private | Sys.Fixed, file), place + Sys.Page);
        Report.Number("stays"u8, Sys.Peek(place));
        Report.Number("writes a copy"u8, Sys.Poke(place + Sys.Page, 1));
        Sys.Unmap(place, 8 * Sys.Page);
        Tell("free"u8, Sys.Map(place, Length, Sys.Read, Sys.Private | Sys.Fixed, file), place);
        Sys.Close(file);
        Sys.Close(written);
        Sys.Close(directory);
    }

    private static void Fill(long address, int pages)
    {
        for (int page = 0; page < pages; page++)
            Sys.Poke(address + page * Sys.Page, (byte)(100 + page));
    }

    private static void Tell(ReadOnlySpan<byte> name, long result, long wanted)
    {
        Report.Number(name, result == wanted ? 1 : result);
        for (int page = 0; page < 4; page++)
            Report.Number("byte"u8, Sys.Peek(wanted + page * Sys.Page));
    }
}
