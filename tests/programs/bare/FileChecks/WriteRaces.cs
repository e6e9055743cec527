using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>
/// Several processes write a file: writes of the same bytes do not mix, what each writes beside the others is there, and who reads meanwhile sees no other
/// bytes.
/// </summary>
internal static class WriteRaces
{
    private const int Processes = 3, Rounds = 40, Each = 60, Piece = 9000, Region = 3 * Files.Page;

    private static long memory, shared;

    public static void Run()
    {
        memory = Files.Map(Processes * Region + Files.Page);
        shared = Linux.Call(9, 0, Files.Page, 3, 0x21, -1);
        Together();
        Beside();
    }

    // All write the same range, in turns of which nobody knows the end; one writes more often, so that he is lent it.
    private static void Together()
    {
        long torn = 0, strange = 0;
        int file = Files.Open("/tmp/together\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Fill(memory, 2 * Piece, 1);
        Files.Write(file, memory, 2 * Piece);
        for (int round = 0; round < Rounds; round++)
        {
            for (int index = 0; index < Processes; index++)
            {
                if (Sys.Fork() != 0)
                    continue;
                int own = Files.Open("/tmp/together\0"u8, Files.ReadWrite);
                Files.Fill(memory, Piece, (byte)(index + 2));
                for (int count = 0; count < (index == 0 ? 4 * Each : round % Each); count++)
                    Files.WriteAt(own, memory, Piece, 500);
                Linux.Exit(0);
            }

            for (int index = 0; index < Processes; index++)
            {
                Files.ReadAt(file, memory, Piece, 500);
                strange += Strange();
                Sys.Wait(-1);
            }

            Files.ReadAt(file, memory, Piece, 500);
            torn += Files.Leading(memory, Piece, Linux.MemoryAt(memory)) == Piece ? 0 : 1;
        }

        Report.Number("torn"u8, torn);
        Report.Number("strange"u8, strange);
        Files.Remove("/tmp/together\0"u8);
        Sys.Close(file);
    }

    private static long Strange()
    {
        long strange = 0;
        for (int index = 0; index < Piece; index++)
            strange += Linux.MemoryAt(memory + index) is 0 or > Processes + 1 ? 1 : 0;
        return strange;
    }

    // Each has a region, which he writes and reads at random; one also sets the mode and makes the file longer and shorter behind them.
    private static void Beside()
    {
        int file = Files.Open("/tmp/beside\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Fill(memory, Processes * Region, 0);
        Files.Write(file, memory, Processes * Region);
        for (int index = 0; index < Processes; index++)
        {
            if (Sys.Fork() == 0)
                Linux.Exit(Own(index));
        }

        long wrong = 0;
        for (int round = 0; round < 3 * Rounds; round++)
        {
            Linux.Call(91, file, 0x1A4 + (round & 1));
            Files.Truncated(file, Processes * Region + round % 7 * 1000);
            Sys.Sleep(1);
        }

        for (int index = 0; index < Processes; index++)
            wrong += Sys.Wait(-1);
        Report.Number("wrong"u8, wrong);
        Files.Truncated(file, Processes * Region);
        Files.ReadAt(file, memory, Processes * Region, 0);
        long sum = 0;
        for (int index = 0; index < Processes * Region; index++)
            sum += Linux.MemoryAt(memory + index);
        Report.Number("sum"u8, sum);
        Files.Remove("/tmp/beside\0"u8);
        Sys.Close(file);
    }

    private static int Own(int index)
    {
        int own = Files.Open("/tmp/beside\0"u8, Files.ReadWrite);
        var chance = new Hostile.Chance((ulong)index + 3);
        long start = index * Region, wrong = 0;
        for (int round = 0; round < 6000; round++)
        {
            long at = start + (long)chance.Below(Region - 16), value = (long)chance.Next();
            Sys.Word(memory + at) = (ulong)value;
            wrong += Files.WriteAt(own, memory + at, 8, at) == 8 ? 0 : 1;
            long length = (long)chance.Below(100) + 1;
            if (length > start + Region - at)
                length = start + Region - at;
            Files.ReadAt(own, shared + 8 + index * 200, length, at);
            for (long place = 0; place < length; place++)
                wrong += Linux.MemoryAt(shared + 8 + index * 200 + place) == Linux.MemoryAt(memory + at + place) ? 0 : 1;
        }

        return wrong == 0 ? 0 : 1;
    }
}
