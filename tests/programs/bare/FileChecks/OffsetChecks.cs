using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>Offsets and attributes: alone, shared by duplicates, children and what they execute. Each is done so often that it is done in memory.</summary>
internal static class OffsetChecks
{
    private const int Often = 40, Length = 10_000, SizeAt = 48, Set = 0, Current = 1, End = 2, Append = 0x400;

    private static long memory;

    public static void Run()
    {
        memory = Files.Map(4 * Files.Page);
        int file = Files.Open("/tmp/offsets\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Fill(memory, Length, 7);
        Report.Number("write"u8, Files.Write(file, memory, Length));
        for (int round = 0; round < Often; round++)
            Files.Seek(file, round, Set);
        Seeks(file);
        Sizes(file);
        Family(file);
        Duplicates(file);
        Reopened();
        Many();
        Appends();
        Files.Remove("/tmp/offsets\0"u8);
        Report.Number("links"u8, Links(file));
        Sys.Close(file);
    }

    private static void Seeks(int file)
    {
        for (int whence = 0; whence < 6; whence++)
            Report.Number("seek"u8, Files.Seek(file, 100, whence));
        Report.Number("back"u8, Files.Seek(file, -50, Current));
        Report.Number("before the start"u8, Files.Seek(file, -100_000, Current));
        Report.Number("before the start"u8, Files.Seek(file, -1, Set));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Report.Number("far"u8, Files.Seek(file, 1L << 40, Set));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Report.Number("read there"u8, Files.Read(file, memory, 10));
        Report.Number("end"u8, Files.Seek(file, -10, End));
        Report.Number("read"u8, Files.Read(file, memory, 100));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        for (int round = 0; round < Often; round++)
            Files.Seek(file, 1, Current);
        Report.Number("where"u8, Files.Seek(file, 0, Current));
    }

    private static void Sizes(int file)
    {
        for (int round = 0; round < Often; round++)
            Files.Fstat(file, memory);
        Report.Number("size"u8, (long)Sys.Word(memory + SizeAt));
        Report.Number("longer"u8, Files.WriteAt(file, memory, 100, Length));
        for (int round = 0; round < 3; round++)
        {
            Files.Fstat(file, memory);
            Report.Number("size"u8, (long)Sys.Word(memory + SizeAt));
        }

        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)Files.Truncated(file, 5000));
        Report.Number("cut"u8, Sys.Wait(child));
        Files.Fstat(file, memory);
        Report.Number("size"u8, (long)Sys.Word(memory + SizeAt));
        Report.Number("blocks"u8, (long)Sys.Word(memory + 64));
        Linux.Call(91, file, 0x180); // fchmod
        Files.Fstat(file, memory);
        Report.Number("mode"u8, Sys.Half(memory + 24));
        Report.Number("nowhere"u8, Files.Fstat(file, 0x1000));
        Report.Number("back"u8, Files.Truncated(file, Length));
    }

    // Parent and child move one offset in turn; then the parent has it alone again.
    private static void Family(int file)
    {
        Files.Seek(file, 1000, Set);
        for (int round = 0; round < 3; round++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                for (int count = 0; count < Often; count++)
                    Files.Seek(file, 3, Current);
                Linux.Exit((int)Files.Read(file, memory, 5));
            }

            Report.Number("child"u8, Sys.Wait(child));
            Report.Number("where"u8, Files.Seek(file, 0, Current));
            for (int count = 0; count < Often; count++)
                Files.Seek(file, 1, Current);
            Report.Number("where"u8, Files.Seek(file, 0, Current));
        }
    }

    private static void Duplicates(int file)
    {
        int other = Sys.Duplicate(file);
        Report.Number("seek"u8, Files.Seek(other, 77, Set));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        for (int round = 0; round < Often; round++)
        {
            Files.Seek(other, 1, Current);
            Files.Seek(file, 1, Current);
        }

        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Sys.Close(other);
        Report.Number("closed"u8, Files.Seek(other, 0, Current));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
    }

    // The number of a file that is closed, and its slot, are used again.
    private static void Reopened()
    {
        for (int round = 0; round < 3; round++)
        {
            int file = Files.Open("/tmp/offsets\0"u8, Files.ReadOnly);
            Report.Number("fresh"u8, Files.Seek(file, 0, Current));
            for (int count = 0; count < Often; count++)
            {
                Files.Seek(file, 2, Current);
                Files.Fstat(file, memory);
            }

            Report.Number("where"u8, Files.Seek(file, 0, Current));
            Report.Number("size"u8, (long)Sys.Word(memory + SizeAt));
            Sys.Close(file);
            int other = Files.Open("/tmp/other\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
            Files.Write(other, memory, 100 + round);
            for (int count = 0; count < Often; count++)
                Files.Fstat(other, memory);
            Report.Number("other"u8, (long)Sys.Word(memory + SizeAt));
            Report.Number("where"u8, Files.Seek(other, 0, Current));
            Sys.Close(other);
        }
    }

    // More than there are slots.
    private static void Many()
    {
        const int many = 100;
        var files = new int[many];
        for (int index = 0; index < many; index++)
            files[index] = Files.Open("/tmp/offsets\0"u8, Files.ReadOnly);
        for (int round = 0; round < 10; round++)
        {
            for (int index = 0; index < many; index++)
                Files.Seek(files[index], index, Current);
        }

        long sum = 0;
        for (int index = 0; index < many; index++)
        {
            sum += Files.Seek(files[index], 0, Current) * (index + 1);
            Files.Fstat(files[index], memory);
            sum += (long)Sys.Word(memory + SizeAt);
            Sys.Close(files[index]);
        }

        Report.Number("sum"u8, sum);
    }

    private static void Appends()
    {
        int file = Files.Open("/tmp/offsets\0"u8, Files.ReadWrite | Append);
        for (int round = 0; round < Often; round++)
            Files.Seek(file, round, Set);
        Report.Number("appended"u8, Files.Write(file, memory, 10));
        Report.Number("where"u8, Files.Seek(file, 0, Current));
        Files.Fstat(file, memory);
        Report.Number("size"u8, (long)Sys.Word(memory + SizeAt));
        Sys.Close(file);
    }

    private static long Links(int file)
    {
        Files.Fstat(file, memory);
        return (long)Sys.Word(memory + 16);
    }
}
