using Bare;
using ConnectionChecks;

namespace StreamChecks;

/// <summary>vmsplice(2), and what splice(2) and tee(2) say of full, empty and ended pipes.</summary>
internal static class SpliceChecks
{
    private const int VectorAt = 3900, NoWait = 2, Gift = 8, Page = Streams.PageLength;
    private const long NumberOfTee = 276, NumberOfSplice = 275, NumberOfVmsplice = 278;

    public static void Run()
    {
        long memory = Streams.Memory(4 * Streams.Capacity);
        for (int round = 0; round < 2; round++)
        {
            ToPipe(round != 0, memory);
            FromPipe(round != 0, memory);
            Awaited(round != 0, memory);
            Ends(round != 0);
        }

        Errors(memory);
    }

    private static long Vmsplice(int descriptor, long address, long length, int flags)
    {
        Sys.Word(Sys.At(VectorAt)) = (ulong)address;
        Sys.Word(Sys.At(VectorAt + 8)) = (ulong)length;
        return Linux.Call(NumberOfVmsplice, descriptor, Sys.At(VectorAt), 1, flags);
    }

    private static void ToPipe(bool isUsed, long memory)
    {
        Streams.Create(isUsed, out int read, out int write);
        for (int page = 0; page < 20; page++)
            Sys.Word(memory + page * Page) = (ulong)page + 1;
        Report.Number("some"u8, Vmsplice(write, memory, 2 * Page, 0));
        Report.Number("what fits"u8, Vmsplice(write, memory + 2 * Page, 18 * Page, 0));
        Report.Number("full"u8, Vmsplice(write, memory, Page, NoWait));
        ulong sum = 0;
        for (int page = 0; page < 16; page++)
        {
            Report.Number("page"u8, Streams.Read(read, memory + 40 * Page, Page));
            sum = sum * 17 + Sys.Word(memory + 40 * Page);
        }

        Report.Number("in order"u8, (long)sum);
        Report.Number("a gift"u8, Vmsplice(write, memory, Page, Gift));
        Report.Number("taken"u8, Streams.Read(read, memory, 2 * Page));
        Report.Number("nothing"u8, Vmsplice(write, memory, 0, 0));
        Streams.Close(read, write);
    }

    private static void FromPipe(bool isUsed, long memory)
    {
        Streams.Create(isUsed, out int read, out int write);
        Report.Number("empty"u8, Vmsplice(read, memory, 100, NoWait));
        Sys.Write(write, "bytes"u8);
        Sys.Word(memory) = 0;
        Report.Number("two"u8, Vmsplice(read, memory, 2, 0) * 100000 + (long)Sys.Word(memory));
        Report.Number("the others"u8, Vmsplice(read, memory, 1000, NoWait));
        Sys.Close(write);
        Report.Number("end"u8, Vmsplice(read, memory, 1000, 0));
        Sys.Close(read);
    }

    private static void Awaited(bool isUsed, long memory)
    {
        Streams.Create(isUsed, out int read, out int write);
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit((int)Vmsplice(read, memory, 1000, 0));
        Sys.Sleep(20);
        Sys.Write(write, "abc"u8);
        Report.Number("awaited bytes"u8, Sys.Wait(child));
        Streams.Write(write, memory, Streams.Capacity);
        child = Sys.Fork();
        if (child == 0)
            Linux.Exit(Vmsplice(write, memory, Page, 0) == Page ? 7 : 8);
        Sys.Sleep(20);
        Streams.Read(read, memory, 2 * Page);
        Report.Number("awaited room"u8, Sys.Wait(child));
        Streams.Close(read, write);
    }

    private static void Ends(bool isUsed)
    {
        Streams.Create(isUsed, out int read, out int write);
        Streams.Create(isUsed, out int otherRead, out int otherWrite);
        Report.Number("tee of nothing"u8, Linux.Call(NumberOfTee, read, otherWrite, 100, NoWait));
        Sys.Write(write, "abc"u8);
        Report.Number("to itself"u8, Linux.Call(NumberOfTee, read, write, 100, NoWait) * 1000 + Linux.Call(NumberOfSplice, read, 0, write, 0, 100, NoWait));
        Report.Number("wrong ends"u8, Linux.Call(NumberOfTee, write, otherRead, 100, NoWait));
        Sys.Close(otherRead);
        Report.Number("to the deaf"u8, Linux.Call(NumberOfTee, read, otherWrite, 100, 0));
        Report.Number("moved there"u8, Linux.Call(NumberOfSplice, read, 0, otherWrite, 0, 100, 0));
        Report.Number("vmsplice there"u8, Vmsplice(otherWrite, Sys.At(0), 10, 0));
        Report.Number("still here"u8, Sys.Read(read, 100));
        Sys.Close(write);
        Sys.Close(otherWrite);
        Streams.Create(isUsed, out otherRead, out otherWrite);
        Report.Number("tee at the end"u8, Linux.Call(NumberOfTee, read, otherWrite, 100, 0));
        Report.Number("splice at the end"u8, Linux.Call(NumberOfSplice, read, 0, otherWrite, 0, 100, 0));
        Streams.Close(otherRead, otherWrite);
        Sys.Close(read);
    }

    private static void Errors(long memory)
    {
        Streams.Create(out int read, out int write, Sys.NonBlock);
        int file = Sys.Open("/dev/zero\0"u8, Sys.ReadWrite);
        Report.Number("no pipe"u8, Vmsplice(file, memory, 10, 0));
        Report.Number("not open"u8, Vmsplice(900, memory, 10, 0));
        Report.Number("flags"u8, Vmsplice(write, memory, 10, 16));
        Report.Number("from nowhere"u8, Vmsplice(write, 8, 10, 0));
        Report.Number("no vector"u8, Linux.Call(NumberOfVmsplice, write, 8, 1, 0));
        Report.Number("no vectors"u8, Linux.Call(NumberOfVmsplice, write, 0, 0, 0));
        Report.Number("too many"u8, Linux.Call(NumberOfVmsplice, write, memory, 1025, 0));
        Sys.Write(write, "kept"u8);
        Report.Number("to nowhere"u8, Vmsplice(read, 8, 10, 0));
        Sys.Close(file);
        Streams.Close(read, write);
    }
}
