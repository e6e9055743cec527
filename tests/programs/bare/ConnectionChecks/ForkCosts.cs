using Bare;

namespace ConnectionChecks;

/// <summary>What fork costs with and without a descriptor of another server, in nanoseconds of the clock: instructions, where one takes one.</summary>
internal static class ForkCosts
{
    private const int Rounds = 20;

    public static int Run(long path)
    {
        Forks();
        Report.Number("without"u8, Forks());
        int box = Sys.Open(path, Sys.ReadWrite);
        Sys.Write(box, "x"u8);
        Sys.Read(box, 1);
        Forks();
        Report.Number("with"u8, Forks());
        Sys.Close(box);
        Report.Number("connected"u8, Forks());
        return 0;
    }

    private static long Forks()
    {
        long began = Sys.Now();
        for (int round = 0; round < Rounds; round++)
        {
            int child = Sys.Fork();
            if (child == 0)
                Linux.Exit(0);
            Sys.Wait(child);
        }

        return (Sys.Now() - began) / Rounds;
    }
}
