using Bare;
using ConnectionChecks;

namespace StreamChecks;

/// <summary>Values, errors and ends, of pipes that are mapped and of such that are not.</summary>
internal static class ValueChecks
{
    private const uint BytesReadable = 0x541B;
    private const int SetFlags = 4;
    private const long NumberOfProtect = 10, NumberOfTee = 276, NumberOfSplice = 275, NumberOfPread = 17;

    public static void Run()
    {
        long memory = Streams.Memory(4 * Streams.Capacity);
        Streams.Ignore(Streams.BrokenPipe, true);
        for (int round = 0; round < 2; round++)
        {
            Simple(round != 0, memory);
            Full(round != 0, memory);
            Ends(round != 0, memory);
            BadAddresses(round != 0, memory);
            Mixed(round != 0, memory);
            Flags(round != 0);
        }

        Signalled();
        Duplicates();
    }

    private static void Simple(bool isUsed, long memory)
    {
        Streams.Create(isUsed, out int read, out int write);
        Report.Number("written"u8, Sys.Write(write, "abcdef"u8));
        Report.Number("inside"u8, Sys.Control(read, BytesReadable, 0) * 100 + Sys.Control(write, BytesReadable, 0));
        Report.Number("first"u8, Sys.Read(read, 1));
        Report.Number("nothing asked"u8, Streams.Read(read, memory, 0));
        Report.Number("nothing given"u8, Streams.Write(write, memory, 0));
        Report.Number("rest"u8, Sys.Read(read, 100));
        Report.Number("wrong end"u8, Sys.Read(write, 1) * 100 + Sys.Write(read, "x"u8));
        Report.Number("no offset"u8, Linux.Call(NumberOfPread, read, memory, 1, 0));
        Sys.Word(memory) = 0x4746454443424140;
        Sys.Word(memory + 100) = Sys.Word(memory + 200) = 0;
        Report.Number("two buffers"u8, Streams.Vectored(write, true, memory + 1, 3, memory, 2));
        Report.Number("two buffers back"u8, Streams.Vectored(read, false, memory + 100, 2, memory + 200, 100));
        Report.Number("in the first"u8, (long)Sys.Word(memory + 100));
        Report.Number("in the second"u8, (long)Sys.Word(memory + 200));
        Streams.Close(read, write);
    }

    private static void Full(bool isUsed, long memory)
    {
        Streams.Create(isUsed, out int read, out int write, Sys.NonBlock);
        Report.Number("empty"u8, Sys.Read(read, 1));
        for (int page = 0; page < 15; page++)
            Streams.Write(write, memory, Streams.PageLength);
        Report.Number("a part"u8, Streams.Write(write, memory, 3 * Streams.PageLength));
        Report.Number("full"u8, Streams.Write(write, memory, 1) * 100 + Streams.Write(write, memory, 3 * Streams.PageLength));
        Report.Number("inside"u8, Sys.Control(read, BytesReadable, 0));
        Report.Number("room"u8, Streams.Read(read, memory, 2 * Streams.PageLength));
        Report.Number("a part again"u8, Streams.Write(write, memory, Streams.Capacity));
        Report.Number("all"u8, Streams.Read(read, memory, 2 * Streams.Capacity));
        Report.Number("all at once"u8, Streams.Write(write, memory, 2 * Streams.Capacity));
        Report.Number("by two"u8, Streams.Read(read, memory, Streams.Capacity / 2) + Streams.Read(read, memory, Streams.Capacity));
        Streams.Close(read, write);
    }

    private static void Ends(bool isUsed, long memory)
    {
        Streams.Create(isUsed, out int read, out int write);
        Sys.Write(write, "left"u8);
        Sys.Close(write);
        Report.Number("ready at the end"u8, Streams.Ready(read, Sys.In));
        Report.Number("left"u8, Sys.Read(read, 3));
        Report.Number("end"u8, Sys.Read(read, 3) + Sys.Read(read, 3));
        Report.Number("ready behind it"u8, Streams.Ready(read, Sys.In));
        Sys.Close(read);
        Streams.Create(isUsed, out read, out write);
        Sys.Write(write, "lost"u8);
        Sys.Close(read);
        Report.Number("broken"u8, Sys.Write(write, "x"u8) * 100 + Streams.Write(write, memory, 2 * Streams.Capacity));
        Report.Number("ready for errors"u8, Streams.Ready(write, Sys.Out));
        Sys.Close(write);
    }

    private static void BadAddresses(bool isUsed, long memory)
    {
        const int pages = 4;
        Streams.Create(isUsed, out int read, out int write, Sys.NonBlock);
        long end = memory + pages * Streams.PageLength;
        Linux.Call(NumberOfProtect, end, Streams.PageLength, 0);
        Report.Number("from nowhere"u8, Streams.Write(write, 8, 4) * 100 + Streams.Write(write, end, 4));
        Report.Number("nothing came"u8, Sys.Read(read, 8));
        Report.Number("over the edge"u8, Streams.Write(write, end - 2, 4));
        Report.Number("pages before the edge"u8, Streams.Write(write, end - 2 * Streams.PageLength, 4 * Streams.PageLength));
        while (Streams.Read(read, memory, Streams.Capacity) > 0)
        {
        }

        Sys.Write(write, "kept"u8);
        Report.Number("to nowhere"u8, Streams.Read(read, 8, 4) * 100 + Streams.Read(read, end, 4));
        Report.Number("still there"u8, Sys.Read(read, 8));
        Linux.Call(NumberOfProtect, end, Streams.PageLength, 3);
        Streams.Close(read, write);
    }

    // Requests (two handles, which is what copies need) beside memory.
    private static void Mixed(bool isUsed, long memory)
    {
        Streams.Create(isUsed, out int read, out int write);
        Streams.Create(isUsed, out int otherRead, out int otherWrite);
        Sys.Write(write, "copied"u8);
        Report.Number("tee"u8, Linux.Call(NumberOfTee, read, otherWrite, 100, 0));
        Report.Number("in both"u8, Sys.Control(read, BytesReadable, 0) * 100 + Sys.Control(otherRead, BytesReadable, 0));
        Report.Number("splice"u8, Linux.Call(NumberOfSplice, read, 0, otherWrite, 0, 100, 0));
        Report.Number("in the second"u8, Sys.Control(read, BytesReadable, 0) * 100 + Sys.Control(otherRead, BytesReadable, 0));
        Report.Number("of the second"u8, Sys.Read(otherRead, 7));
        Report.Number("the rest"u8, Sys.Read(otherRead, 100));
        Report.Number("nothing to splice"u8, Linux.Call(NumberOfSplice, read, 0, otherWrite, 0, 100, 2));
        Streams.Close(read, write);
        Streams.Close(otherRead, otherWrite);
        Report.Number("memory"u8, (long)Sys.Word(memory + Streams.Capacity));
    }

    // O_NONBLOCK belongs to the description: another process sets it.
    private static void Flags(bool isUsed)
    {
        Streams.Create(isUsed, out int read, out int write);
        for (int round = 0; round < 2; round++)
        {
            int child = Sys.Fork();
            if (child == 0)
                Linux.Exit((int)Sys.Fcntl(read, SetFlags, Sys.NonBlock));
            Sys.Wait(child);
            Report.Number("does not wait"u8, Sys.Read(read, 1));
            Sys.Fcntl(read, SetFlags, 0);
            child = Sys.Fork();
            if (child == 0)
            {
                Sys.Sleep(20);
                Linux.Exit((int)Sys.Write(write, "x"u8));
            }

            Report.Number("waits"u8, Sys.Read(read, 1));
            Sys.Wait(child);
        }

        Streams.Close(read, write);
    }

    private static void Signalled()
    {
        Streams.Ignore(Streams.BrokenPipe, false);
        Streams.CreateUsed(out int read, out int write);
        Sys.Close(read);
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)Sys.Write(write, "x"u8));
        Report.Number("signalled"u8, Sys.Wait(child));
        Sys.Close(write);
    }

    private static void Duplicates()
    {
        Streams.CreateUsed(out int read, out int write);
        int second = Sys.Duplicate(write);
        Sys.Close(write);
        Report.Number("by the second"u8, Sys.Write(second, "yz"u8));
        Report.Number("the same number"u8, Sys.Duplicate(read));
        Sys.Close(read);
        Report.Number("by the same number"u8, Sys.Read(write, 1) * 10 + Sys.Read(write, 1));
        Sys.Close(second);
        Report.Number("end"u8, Sys.Read(write, 1));
        Sys.Close(write);
    }
}
