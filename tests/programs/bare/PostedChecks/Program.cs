using System.Runtime;
using Bare;

namespace PostedChecks;

/// <summary>
/// open, close, write and changes of names by whatever way they are done: values, and what others see of them; with an argument races, or what a program finds
/// that is executed.
/// </summary>
internal static class Program
{
    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        Sys.Begin();
        if (argumentCount == 1)
        {
            ValueChecks.Run();
            ExecChecks.Run();
            OtherChecks.Run();
            WriteChecks.Run();
            ChangeChecks.Run();
            CreationChecks.Run();
            WayChecks.Run();
        }
        else if (Sys.FirstLetter(arguments) == 'e')
        {
            return ExecChecks.Look();
        }
        else
        {
            RaceChecks.Run();
        }

        return 0;
    }
}
