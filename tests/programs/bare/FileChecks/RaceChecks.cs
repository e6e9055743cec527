using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>
/// Many at once: every byte is read once by those who share an offset, appends are whole, and who reads while others cut and write sees no other bytes.
/// </summary>
internal static class RaceChecks
{
    private const int Processes = 4, Records = 4000, RecordLength = 8, Page = 4096, Pages = 16, Set = 0;

    private static long memory, shared;

    public static int Run()
    {
        memory = Files.Map(Pages * Page);
        // Shared by all children.
        shared = Linux.Call(9, 0, Page, 3, 0x21, -1);
        Once();
        Appended();
        Changed();
        WriteRaces.Run();
        return 0;
    }

    // Parent and children read records through one description: the sum of all is that of all records.
    private static void Once()
    {
        int file = Files.Open("/tmp/once\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        for (int record = 0; record < Records; record++)
        {
            Sys.Word(memory) = (ulong)record + 1;
            Files.Write(file, memory, RecordLength);
        }

        for (int round = 0; round < 3; round++)
        {
            Files.Seek(file, 0, Set);
            Sys.Word(shared) = 0;
            ulong sum = Take(file, Records / 4);
            for (int index = 0; index < Processes; index++)
            {
                if (Sys.Fork() == 0)
                {
                    Sys.Word(shared + 8 + index * 8) = Take(file, Records);
                    Linux.Exit(0);
                }

                sum += Take(file, 10);
            }

            sum += Take(file, Records);
            for (int index = 0; index < Processes; index++)
                Sys.Wait(-1);
            for (int index = 0; index < Processes; index++)
                sum += Sys.Word(shared + 8 + index * 8);
            Report.Number("sum"u8, (long)sum);
        }

        Files.Remove("/tmp/once\0"u8);
        Sys.Close(file);
    }

    private static ulong Take(int file, int most)
    {
        ulong sum = 0;
        while (most-- > 0 && Files.Read(file, memory, RecordLength) == RecordLength)
            sum += Sys.Word(memory);
        return sum;
    }

    private static void Appended()
    {
        const int each = 300, length = 100;
        int reader = Files.Open("/tmp/appended\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        for (int index = 0; index < Processes; index++)
        {
            if (Sys.Fork() != 0)
                continue;
            int file = Files.Open("/tmp/appended\0"u8, Files.ReadWrite | Files.Append);
            Files.Fill(memory, length, (byte)('a' + index));
            for (int count = 0; count < each; count++)
                Files.Write(file, memory, length);
            Linux.Exit(0);
        }

        long read = 0, torn = 0;
        while (read < Processes * each)
        {
            if (Files.ReadAt(reader, memory, length, read * length) != length)
                continue;
            torn += Files.Leading(memory, length, Linux.MemoryAt(memory)) == length ? 0 : 1;
            read++;
        }

        for (int index = 0; index < Processes; index++)
            Sys.Wait(-1);
        Report.Number("torn"u8, torn);
        Report.Number("all"u8, Files.ReadAt(reader, memory, length, read * length));
        Files.Remove("/tmp/appended\0"u8);
        Sys.Close(reader);
    }

    // One cuts the file and writes it anew, always the same bytes; what is read is never longer than the file was, and has no other bytes.
    private static void Changed()
    {
        const int rounds = 300;
        int file = Files.Open("/tmp/changed\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Fill(memory, Pages * Page, 55);
        Files.Write(file, memory, Pages * Page);
        int writer = Sys.Fork();
        if (writer == 0)
        {
            for (int round = 0; round < rounds; round++)
            {
                Files.Truncated(file, round * 97 % (Pages * Page));
                Files.WriteAt(file, memory, Pages * Page, 0);
            }

            Sys.Word(shared) = 1;
            Linux.Exit(0);
        }

        Sys.Word(shared) = 0;
        var children = new int[Processes];
        for (int index = 0; index < Processes; index++)
        {
            children[index] = Sys.Fork();
            if (children[index] == 0)
                Linux.Exit(Reads(index));
        }

        Report.Number("writer"u8, Sys.Wait(writer));
        for (int index = 0; index < Processes; index++)
            Report.Number("other bytes"u8, Sys.Wait(children[index]));
        Files.Remove("/tmp/changed\0"u8);
    }

    private static int Reads(int index)
    {
        int file = Files.Open("/tmp/changed\0"u8, Files.ReadOnly);
        long room = Files.Map(Pages * Page);
        while (Sys.Word(shared) == 0)
        {
            long count = Files.ReadAt(file, room, 3 * Page + 100, index * 1000);
            if (count < 0 || Files.Leading(room, (int)count, 55) != count)
                return 1;
        }

        return 0;
    }
}
