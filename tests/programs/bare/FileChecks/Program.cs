using System.Runtime;
using ConnectionChecks;
using Internal.Runtime;

namespace FileChecks;

/// <summary>
/// Checks of open files that are read and written in memory, the same on Linux: <c>FileChecks d</c> devices, <c>o</c> offsets and
/// attributes, <c>r</c> reads, <c>w</c> writes, <c>p</c> mappings, <c>t</c> transfers, <c>s</c> shared offsets, <c>m</c> many at once; only here:
/// <c>h</c> what a hostile program tries. <c>x</c> is what it executes itself.
/// </summary>
internal static class Program
{
    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        StaticInitialization.Run();
        if (argumentCount < 2)
            return 2;
        switch ((byte)Sys.Word(Argument(arguments, 1)))
        {
            case (byte)'d':
                DeviceChecks.Run(Argument(arguments, 0));
                return 0;
            case (byte)'o':
                OffsetChecks.Run();
                return 0;
            case (byte)'r':
                ReadChecks.Run();
                return 0;
            case (byte)'w':
                WriteChecks.Run();
                return 0;
            case (byte)'p':
                MapChecks.Run();
                return 0;
            case (byte)'t':
                TransferChecks.Run();
                return 0;
            case (byte)'s':
                SharedChecks.Run();
                return 0;
            case (byte)'m':
                return RaceChecks.Run();
            case (byte)'h':
                return HostileChecks.Run();
            case (byte)'x':
                DeviceChecks.BeExecuted();
                return 0;
            default:
                return 2;
        }
    }

    private static long Argument(ulong arguments, int index) => (long)Sys.Word((long)arguments + index * sizeof(ulong));
}
