using Bare;
using Libsys.Messages;

namespace ConnectionChecks;

/// <summary>What the large pool costs, in nanoseconds of the clock: instructions, where one takes one.</summary>
internal static class PoolCosts
{
    private const int Rounds = 500, Length = 65536;

    public static int Run(long path)
    {
        long buffer = Linux.Call(9, 0, Length, 3, 0x22, -1);
        int file = Sys.Open(path, 0);
        PingPong();
        Report.Number("a byte to another process and back, small pool alone"u8, PingPong());
        long began = Sys.Now();
        for (int round = 0; round < Rounds; round++)
        {
            PoolChecks.Attach();
            PoolChecks.Detach(VfsLimits.LargePool);
        }

        Report.Number("attaching and giving back"u8, (Sys.Now() - began) / Rounds);
        Linux.Call(17, file, buffer, Length, 0); // pread64
        began = Sys.Now();
        for (int round = 0; round < Rounds; round++)
            Linux.Call(17, file, buffer, Length, 0);
        Report.Number("read of 64 KiB"u8, (Sys.Now() - began) / Rounds);
        Report.Number("a byte to another process and back, large pool too"u8, PingPong());
        return 0;
    }

    // The parent waits for the child each time: a wait that has a deadline while the large pool is there.
    private static long PingPong()
    {
        Sys.Pipe(out int there, out int writeThere);
        Sys.Pipe(out int back, out int writeBack);
        int child = Sys.Fork();
        if (child == 0)
        {
            for (int round = 0; round < Rounds; round++)
            {
                Sys.Read(there, 1);
                Sys.Write(writeBack, "b"u8);
            }

            Linux.Exit(0);
        }

        long began = Sys.Now();
        for (int round = 0; round < Rounds; round++)
        {
            Sys.Write(writeThere, "t"u8);
            Sys.Read(back, 1);
        }

        long took = (Sys.Now() - began) / Rounds;
        Sys.Wait(child);
        return took;
    }
}
