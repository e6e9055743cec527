using System;
using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>/dev/null, zero, full, random and urandom: what moves, what is refused, and what stays as it was.</summary>
internal static class DeviceChecks
{
    private const byte Old = 0xAA;
    private const int Large = 200_000, GetFlags = 3, FirstExecuted = 20;
    private const long Nowhere = 0x1000, Beyond = unchecked((long)0xFFFF_8000_0000_0000);

    private static long memory;

    public static void Run(long program)
    {
        memory = Files.Map(Large + Files.Page);
        for (int device = 0; device < 5; device++)
        {
            Modes(device);
            int file = Open(device, Files.ReadWrite);
            for (int round = 0; round < 2; round++)
                Moves(file, device);
            Edges(file);
            Seeks(file);
            Shares(file);
            Report.Number("mode"u8, Sys.Fcntl(file, GetFlags, 0) & 3);
            Linux.Call(33, file, FirstExecuted + device); // dup2
            Sys.Close(file);
        }

        Randomness();
        Interrupted();
        Times();
        Sys.Execute(program, Text("x\0"u8));
    }

    /// <summary>The descriptors come through exec, as what they are.</summary>
    public static void BeExecuted()
    {
        memory = Files.Map(Large + Files.Page);
        for (int device = 0; device < 5; device++)
        {
            Moves(FirstExecuted + device, device);
            Seeks(FirstExecuted + device);
        }

        Report.Number("written only"u8, Files.Read(FirstExecuted + 5, memory, 1));
        Report.Number("written only"u8, Files.Write(FirstExecuted + 5, memory, 1));
    }

    private static int Open(int device, int flags) => device switch
    {
        0 => Files.Open("/dev/null\0"u8, flags),
        1 => Files.Open("/dev/zero\0"u8, flags),
        2 => Files.Open("/dev/full\0"u8, flags),
        3 => Files.Open("/dev/random\0"u8, flags),
        _ => Files.Open("/dev/urandom\0"u8, flags),
    };

    private static void Modes(int device)
    {
        Span<int> modes = stackalloc int[] { Files.ReadOnly, Files.WriteOnly, Files.Neither, Files.PathOnly, Files.WriteOnly | Files.Append };
        foreach (int mode in modes)
        {
            int file = Open(device, mode);
            Report.Number("read"u8, Files.Read(file, memory, 4));
            Report.Number("write"u8, Files.Write(file, memory, 4));
            Report.Number("read at"u8, Files.ReadAt(file, memory, 4, 10));
            Report.Number("write at"u8, Files.WriteAt(file, memory, 4, 10));
            Report.Number("seek"u8, Files.Seek(file, 10, 0));
            if (device == 0 && mode == Files.WriteOnly)
                Linux.Call(33, file, FirstExecuted + 5);
            Sys.Close(file);
        }
    }

    private static void Moves(int file, int device)
    {
        Files.Fill(memory, 100, Old);
        Report.Number("read"u8, Files.Read(file, memory, 100));
        Report.Number("zeros or old"u8, Show(device));
        Report.Number("write"u8, Files.Write(file, memory, 100));
        Files.Fill(memory, 100, Old);
        Report.Number("read at"u8, Files.ReadAt(file, memory, 50, 12345));
        Report.Number("zeros or old"u8, Show(device));
        Report.Number("write at"u8, Files.WriteAt(file, memory, 50, 12345));
        Report.Number("read at before the start"u8, Files.ReadAt(file, memory, 50, -1));
        Report.Number("write at before the start"u8, Files.WriteAt(file, memory, 50, -1));
        Files.Fill(memory, 100, Old);
        Report.Number("readv"u8, Files.Vectored(file, false, memory, 10, memory + 20, 30));
        Report.Number("zeros or old"u8, Show(device));
        Report.Number("writev"u8, Files.Vectored(file, true, memory, 10, memory + 20, 30));
        Report.Number("preadv"u8, Files.Vectored(file, false, memory, 10, memory + 20, 30, 99));
        Report.Number("large"u8, Files.Read(file, memory, Large));
        Report.Number("large"u8, Files.Write(file, memory, Large));
    }

    // 1000 times the leading zeros, and the leading old bytes; of random ones there is nothing to tell.
    private static long Show(int device) => device > 2 ? -1 : 1000 * Files.Leading(memory, 100, 0) + Files.Leading(memory, 100, Old);

    private static void Edges(int file)
    {
        Report.Number("nothing"u8, Files.Read(file, memory, 0));
        Report.Number("nothing"u8, Files.Write(file, memory, 0));
        Report.Number("nothing to nowhere"u8, Files.Read(file, Nowhere, 0));
        Report.Number("nothing from nowhere"u8, Files.Write(file, Nowhere, 0));
        Report.Number("to nowhere"u8, Files.Read(file, Nowhere, 10));
        Report.Number("from nowhere"u8, Files.Write(file, Nowhere, 10));
        Report.Number("to beyond"u8, Files.Read(file, Beyond, 10));
        Report.Number("from beyond"u8, Files.Write(file, Beyond, 10));
        Report.Number("nothing to beyond"u8, Files.Read(file, Beyond, 0));
        Report.Number("readv nothing"u8, Files.Vectored(file, false, memory, 0, Nowhere, 0));
        Report.Number("writev nothing"u8, Files.Vectored(file, true, memory, 0, Nowhere, 0));
        Report.Number("readv then nowhere"u8, Files.Vectored(file, false, memory, 10, Nowhere, 10));
        Report.Number("writev then nowhere"u8, Files.Vectored(file, true, memory, 10, Nowhere, 10));
        Report.Number("readv, beyond"u8, Files.Vectored(file, false, memory, 10, Beyond, 10));
        Report.Number("readv, too long"u8, Files.Vectored(file, false, memory, 10, memory, -1));
        long end = memory + Large / Files.Page * Files.Page;
        Files.Unmap(end, 2 * Files.Page);
        Report.Number("to the edge"u8, Files.Read(file, end - 16, 32));
        Report.Number("from the edge"u8, Files.Write(file, end - 16, 32));
        Report.Number("over the edge"u8, Files.Read(file, end - 2 * Files.Page, 3 * Files.Page));
        Files.Unmap(memory, Large);
        memory = Files.Map(Large + Files.Page);
    }

    private static void Seeks(int file)
    {
        for (int whence = 0; whence < 6; whence++)
            Report.Number("seek"u8, Files.Seek(file, 100, whence));
        Report.Number("seek back"u8, Files.Seek(file, -100, 0));
        Files.Read(file, memory, 10);
        Report.Number("where"u8, Files.Seek(file, 0, 1));
    }

    // A child and a duplicate are the same.
    private static void Shares(int file)
    {
        int other = Sys.Duplicate(file), child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)(Files.Read(other, memory, 10) + Files.Write(file, memory, 5)) & 0xFF);
        Report.Number("child"u8, Sys.Wait(child));
        Report.Number("duplicate"u8, Files.Read(other, memory, 10));
        Sys.Close(other);
        Report.Number("closed"u8, Files.Read(other, memory, 10));
    }

    // No two of many pieces are the same, and every bit is sometimes set.
    private static void Randomness()
    {
        const int pieces = 100;
        int file = Open(4, Files.ReadOnly);
        ulong all = 0, none = ulong.MaxValue;
        int same = 0;
        for (int piece = 0; piece < pieces; piece++)
        {
            Files.Read(file, memory + piece * sizeof(ulong), sizeof(ulong));
            ulong value = Sys.Word(memory + piece * sizeof(ulong));
            all |= value;
            none &= value;
            for (int other = 0; other < piece; other++)
                same += Sys.Word(memory + other * sizeof(ulong)) == value ? 1 : 0;
        }

        int child = Sys.Fork();
        Files.Read(file, memory, sizeof(ulong));
        if (child == 0)
            Linux.Exit(0);
        Report.Number("child"u8, Sys.Wait(child));
        Report.Number("same"u8, same);
        Report.Number("bits"u8, all == ulong.MaxValue && none == 0 ? 64 : 0);
        Files.Fill(memory, Large, 0);
        Report.Number("all is filled"u8, Files.Read(file, memory, Large) == Large && Files.Leading(memory + Large - 32, 32, 0) < 32 ? 1 : 0);
        Sys.Close(file);
    }

    // Who reads without an end can be ended.
    private static void Interrupted()
    {
        for (int device = 1; device < 5; device++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                int file = Open(device, Files.ReadOnly);
                long room = Files.Map(16 * Large);
                while (Files.Read(file, room, 16 * Large) > 0)
                {
                }

                Linux.Exit(1);
            }

            Sys.Sleep(20);
            Sys.Kill(child);
            Report.Number("ended"u8, Sys.Wait(child));
        }
    }

    // Reading and writing leave the node's times alone.
    private static void Times()
    {
        const int accessAt = 72;
        for (int device = 0; device < 5; device++)
        {
            int file = Open(device, Files.ReadWrite);
            Files.Fstat(file, memory);
            Sys.Sleep(10);
            Files.Read(file, memory + Files.Page, 10);
            Files.Write(file, memory + Files.Page, 10);
            Files.Fstat(file, memory + Files.StatLength);
            int same = 0;
            for (int word = accessAt; word < accessAt + 48; word += 8)
                same += Sys.Word(memory + word) == Sys.Word(memory + Files.StatLength + word) ? 1 : 0;
            Report.Number("times"u8, same);
            Sys.Close(file);
        }
    }

    private static long Text(ReadOnlySpan<byte> text)
    {
        const int textAt = 3600;
        for (int index = 0; index < text.Length; index++)
            Linux.MemoryAt(Sys.At(textAt + index)) = text[index];
        return Sys.At(textAt);
    }
}
