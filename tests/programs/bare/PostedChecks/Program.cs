using System.Runtime;
using Bare;

namespace PostedChecks;

/// <summary>open and close by whatever way they are done: values, and what others see of them; with an argument races.</summary>
internal static class Program
{
    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        Sys.Begin();
        if (argumentCount == 1)
        {
            ValueChecks.Run();
            OtherChecks.Run();
        }
        else
        {
            RaceChecks.Run();
        }

        return 0;
    }
}
