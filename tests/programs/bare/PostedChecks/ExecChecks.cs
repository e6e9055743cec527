using Bare;

namespace PostedChecks;

/// <summary>A program that executes another right behind opens and closes: the other has what was open, and nothing else.</summary>
internal static class ExecChecks
{
    private const int Rounds = 20;
    private const long Vfork = 58, Exclusive = 2, NotBlocking = 4, BadDescriptor = -9;

    // The lowest numbers that are free, in the order in which they are opened.
    private const long Kept = 3, Marked = 4, Closed = 5;

    public static void Run()
    {
        long wrong = 0, wrongAfterVfork = 0;
        for (int round = 0; round < Rounds; round++)
        {
            if (Sys.Child() == 0)
                Execute();
            wrong += Sys.Wait();
            if (Linux.Call(Vfork) == 0)
                Execute();
            wrongAfterVfork += Sys.Wait();
        }

        Report.Number("exec"u8, wrong);
        Report.Number("exec after vfork"u8, wrongAfterVfork);
        Report.Number("descriptors of the parent"u8, Sys.Open("/tmp/p/file"u8));
    }

    /// <summary>In the program that is executed.</summary>
    public static int Look()
    {
        bool isRight = Sys.Read(Kept) == 'd' && Sys.DescriptorFlags(Kept) == 0 && Sys.DescriptorFlags(Marked) == BadDescriptor
            && Sys.DescriptorFlags(Closed) == BadDescriptor && Sys.Read(Marked) == BadDescriptor - 1;
        long file = Sys.Open("/tmp/p/file"u8);
        return isRight && file == Marked && Sys.Lock(file, Exclusive | NotBlocking) == 0 && Sys.Read(file) == 'f' ? 0 : 1;
    }

    private static void Execute()
    {
        // By now opens and closes are posted.
        for (int count = 0; count < 30; count++)
            Sys.Close(Sys.Open("/tmp/p/file"u8));
        bool isRight = Sys.Open("/tmp/p/dir/deep"u8) == Kept && Sys.Open("/tmp/p/file"u8, Sys.CloseOnExec) == Marked
            && Sys.Open("/tmp/p/file"u8) == Closed && Sys.Lock(Closed, Exclusive) == 0 && Sys.Close(Closed) == 0;
        // One more that is closed without a lock, just before.
        isRight = isRight && Sys.Close(Sys.Open("/tmp/p/file"u8)) == 0;
        Linux.Exit(isRight ? (int)-Sys.Execute("/PostedChecks"u8, "e"u8) : 99);
    }
}
