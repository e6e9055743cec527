using Bare;
using ConnectionChecks;

namespace StreamChecks;

/// <summary>More pipes in use at once than a space can have mapped: those beyond go on by requests, and nobody can tell.</summary>
internal static class ManyChecks
{
    /// <summary>As many as the usual limit of descriptors lets a program have.</summary>
    private const int Pipes = 500;

    private const int Uses = 12;

    private static readonly int[] reads = new int[Pipes], writes = new int[Pipes];

    public static void Run()
    {
        for (int pipe = 0; pipe < Pipes; pipe++)
            Streams.Create(out reads[pipe], out writes[pipe], Sys.NonBlock);
        Report.Number("last descriptor"u8, writes[Pipes - 1]);
        Report.Number("one after the other"u8, InTurn());
        Report.Number("all at once"u8, Together());
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit(InTurn() == Pipes * Uses && Together() == Pipes ? 1 : 0);
        Report.Number("of a child, which has mapped none"u8, Sys.Wait(child));
        Report.Number("once more"u8, Together());
        for (int pipe = 0; pipe < Pipes; pipe += 2)
        {
            Sys.Close(reads[pipe]);
            Sys.Close(writes[pipe]);
            Streams.Create(out reads[pipe], out writes[pipe], Sys.NonBlock);
        }

        Report.Number("half of them new"u8, Together());
        Report.Number("those as well"u8, InTurn());
    }

    // How many bytes came as they went.
    private static int InTurn()
    {
        int right = 0;
        for (int pipe = 0; pipe < Pipes; pipe++)
        {
            for (int use = 0; use < Uses; use++)
            {
                Put(pipe, (byte)(pipe + use));
                right += Sys.Read(reads[pipe], 8) == 1000 + (byte)(pipe + use) ? 1 : 0;
            }
        }

        return right;
    }

    // How many pipes were ready for their byte, and had it.
    private static int Together()
    {
        int right = 0;
        for (int pipe = 0; pipe < Pipes; pipe++)
            Put(pipe, (byte)(3 * pipe));
        for (int pipe = 0; pipe < Pipes; pipe++)
            right += Streams.Ready(reads[pipe], Sys.In) == 100 + Sys.In && Sys.Read(reads[pipe], 8) == 1000 + (byte)(3 * pipe) ? 1 : 0;
        return right;
    }

    private static void Put(int pipe, byte value)
    {
        const int valueAt = 3800;
        Sys.Word(Sys.At(valueAt)) = value;
        Streams.Write(writes[pipe], Sys.At(valueAt), 1);
    }
}
