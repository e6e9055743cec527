using System.Runtime;
using Internal.Runtime;

namespace TerminalChecks;

/// <summary>Prints what a terminal does in many situations; the same program on Linux says what is right.</summary>
internal static class Program
{
    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        StaticInitialization.Run();
        DisciplineChecks.Run();
        SessionChecks.Run();
        return 0;
    }
}
