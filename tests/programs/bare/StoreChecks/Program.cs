using System.Runtime;
using Bare;

namespace StoreChecks;

/// <summary>
/// <c>StoreChecks MODE FILE</c>: what a file shows and keeps that is larger than the page cache, or that a disk has. Modes b, f, p do the same on any file
/// system (and on Linux): b (the end of the file, truncation), f (fork), p (several processes at once). The others need the disk of tests/servers/vfs-disk: m
/// (write-back of mappings), a (by age), e (errors), k (killed while a page is on its way). <c>StoreChecks t NUMBER</c> touches so many MiB.
/// </summary>
internal static class Program
{
    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        if (argumentCount != 3)
            return 2;
        long path = Argument(arguments, 2);
        switch ((byte)Files.Word(Argument(arguments, 1)))
        {
            case (byte)'b': MappingChecks.End(path); return 0;
            case (byte)'f': MappingChecks.Fork(path); return 0;
            case (byte)'p': SharingChecks.Run(path); return 0;
            case (byte)'m': WriteBackChecks.Run(path); return 0;
            case (byte)'a': WriteBackChecks.Age(path); return 0;
            case (byte)'e': ErrorChecks.Run(path); return 0;
            case (byte)'k': KillChecks.Run(path); return 0;
            case (byte)'t': return MemoryChecks.Touch(path);
            default: return 2;
        }
    }

    private static long Argument(ulong arguments, int index) => (long)Files.Word((long)arguments + index * sizeof(ulong));
}
