using System.Runtime;
using Internal.Runtime;

namespace MappingChecks;

/// <summary>Prints what a program may do with mappings of files that it opened in different ways; the same program on Linux says what is right.</summary>
internal static class Program
{
    private const int Nobody = 65534;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        StaticInitialization.Run();
        if (argumentCount > 1)
        {
            Holder.Run(Holder.Argument(arguments, 1));
            return 0;
        }

        ReplacementChecks.Run();
        RemapChecks.Run();
        if (Sys.Become(Nobody) != 0)
            return 1;
        ProtectionChecks.Run();
        return 0;
    }
}
