using System;
using System.Runtime;
using Bare;
using Internal.Runtime;

namespace CoreLibChecks;

/// <summary>Runs every check of the core library and exits with the number of failures. With n arguments it fails fast in the nth way instead.</summary>
internal static class Program
{
    private static int failures;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        StaticInitialization.Run();
        if (argumentCount > 1)
        {
            FailFastChecks.Run(argumentCount - 1);
            return 0;
        }
        LanguageChecks.Run();
        SpanChecks.Run();
        AtomicChecks.Run();
        ArithmeticChecks.Run();
        ObjectChecks.Run();
        return failures;
    }

    public static void Check(bool holds, ReadOnlySpan<byte> name)
    {
        Linux.Write(1, holds ? "ok   "u8 : "FAIL "u8);
        Linux.Write(1, name);
        Linux.Write(1, "\n"u8);
        if (!holds)
            failures++;
    }
}
