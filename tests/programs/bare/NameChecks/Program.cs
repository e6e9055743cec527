using System.Runtime;
using Bare;

namespace NameChecks;

/// <summary>
/// stat, access and readlink by whatever way they are answered: values; with one argument races, with two what can be read in memory, with three what is
/// listed.
/// </summary>
internal static class Program
{
    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        Sys.Begin();
        if (argumentCount == 1)
            ValueChecks.Run();
        else if (argumentCount == 2)
            RaceChecks.Run();
        else if (argumentCount == 3)
            SecretChecks.Run();
        else
            ListChecks.Run();
        return 0;
    }
}
