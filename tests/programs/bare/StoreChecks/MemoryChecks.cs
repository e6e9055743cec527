using Bare;

namespace StoreChecks;

/// <summary>Memory that is touched page by page.</summary>
internal static class MemoryChecks
{
    private const long MmapNumber = 9, PagesPerMebibyte = 256;

    /// <summary>Touches as many MiB as a text says; who lacks a page ends by SIGBUS.</summary>
    public static int Touch(long text)
    {
        long number = 0;
        for (byte digit; (digit = (byte)Files.Word(text)) is >= (byte)'0' and <= (byte)'9'; text++)
            number = number * 10 + digit - '0';
        long pages = number * PagesPerMebibyte, memory = Linux.Call(MmapNumber, 0, pages * Files.Page, 3, 0x22, -1); // private and anonymous
        if (memory < 0)
            return 1;
        for (long page = 0; page < pages; page++)
            Files.Store(memory + page * Files.Page, page);
        for (long page = 0; page < pages; page++)
        {
            if (Files.Load(memory + page * Files.Page) != page)
                return 2;
        }

        Linux.Write(1, "touched\n"u8);
        return 0;
    }
}
