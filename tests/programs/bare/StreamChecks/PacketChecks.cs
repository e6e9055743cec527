using Bare;
using ConnectionChecks;

namespace StreamChecks;

/// <summary>Pipes of packets, pipe2(2) O_DIRECT.</summary>
internal static class PacketChecks
{
    private const int Direct = 0x4000, GetFlags = 3, SetFlags = 4, SetSize = 1031, Page = Streams.PageLength;
    private const uint BytesReadable = 0x541B;
    private const long NumberOfTee = 276, NumberOfSplice = 275;

    public static void Run()
    {
        long memory = Streams.Memory(2 * Streams.Capacity);
        Boundaries(memory);
        Full(memory);
        for (int round = 0; round < 2; round++)
            Switched(round != 0, memory);
        Passed(memory);
        Awaited();
    }

    private static void Boundaries(long memory)
    {
        Streams.Create(out int read, out int write, Sys.NonBlock | Direct);
        Report.Number("flags"u8, Sys.Fcntl(read, GetFlags, 0) * 100000 + Sys.Fcntl(write, GetFlags, 0));
        Report.Number("nothing"u8, Streams.Write(write, memory, 0));
        Sys.Write(write, "ab"u8);
        Sys.Write(write, "cdefg"u8);
        Sys.Write(write, "h"u8);
        Report.Number("inside"u8, Sys.Control(read, BytesReadable, 0));
        Report.Number("one packet"u8, Sys.Read(read, 100));
        Report.Number("a part, and the rest is gone"u8, Sys.Read(read, 2));
        Report.Number("inside"u8, Sys.Control(read, BytesReadable, 0));
        Report.Number("the last"u8, Sys.Read(read, 100));
        Report.Number("none"u8, Sys.Read(read, 100));
        Report.Number("three"u8, Streams.Write(write, memory, 2 * Page + 100));
        Report.Number("first"u8, Streams.Read(read, memory, Streams.Capacity));
        Report.Number("second"u8, Streams.Vectored(read, false, memory, 1000, memory + Page, Page));
        Report.Number("third"u8, Streams.Read(read, memory, Streams.Capacity));
        Sys.Write(write, "z"u8);
        Sys.Close(write);
        Report.Number("left"u8, Sys.Read(read, 100));
        Report.Number("end"u8, Sys.Read(read, 100));
        Sys.Close(read);
    }

    // Each packet takes a page.
    private static void Full(long memory)
    {
        Streams.Create(out int read, out int write, Sys.NonBlock | Direct);
        int packets = 0;
        while (Sys.Write(write, "p"u8) == 1)
            packets++;
        Report.Number("packets"u8, packets);
        Report.Number("not ready"u8, Streams.Ready(write, Sys.Out));
        Report.Number("busy"u8, Sys.Fcntl(write, SetSize, 2 * Page));
        Report.Number("larger"u8, Sys.Fcntl(write, SetSize, 2 * Streams.Capacity));
        Report.Number("room"u8, Streams.Ready(write, Sys.Out));
        Report.Number("what fits"u8, Streams.Write(write, memory, 2 * Streams.Capacity));
        for (packets = 0; Streams.Read(read, memory, 2 * Page) > 0;)
            packets++;
        Report.Number("packets"u8, packets);
        Streams.Close(read, write);
        Streams.Create(out read, out write, Direct);
        Sys.Close(read);
        Report.Number("broken"u8, Sys.Write(write, "x"u8));
        Sys.Close(write);
    }

    // By F_SETFL, and back: bytes and packets behind each other.
    private static void Switched(bool isUsed, long memory)
    {
        Streams.Create(isUsed, out int read, out int write, Sys.NonBlock);
        Sys.Write(write, "plain"u8);
        Report.Number("packets from now on"u8, Sys.Fcntl(write, SetFlags, Sys.NonBlock | Direct));
        Sys.Write(write, "packet"u8);
        Sys.Write(write, "second"u8);
        Report.Number("no more"u8, Sys.Fcntl(write, SetFlags, Sys.NonBlock));
        Sys.Write(write, "behind"u8);
        Report.Number("bytes, then a packet"u8, Sys.Read(read, 100));
        Report.Number("a part"u8, Sys.Read(read, 3));
        Report.Number("bytes"u8, Sys.Read(read, 100));
        for (int page = 0; page < 3; page++)
            Streams.Write(write, memory, Page);
        Report.Number("inside"u8, Sys.Control(read, BytesReadable, 0));
        Report.Number("bytes"u8, Streams.Read(read, memory, Streams.Capacity));
        Report.Number("nothing"u8, Sys.Read(read, 100));
        Streams.Close(read, write);
    }

    // tee(2) and splice(2) keep boundaries.
    private static void Passed(long memory)
    {
        Streams.Create(out int read, out int write, Sys.NonBlock | Direct);
        Streams.Create(out int otherRead, out int otherWrite, Sys.NonBlock);
        Sys.Write(write, "one"u8);
        Sys.Write(write, "three"u8);
        Report.Number("tee"u8, Linux.Call(NumberOfTee, read, otherWrite, 100, 0));
        Report.Number("first of the copies"u8, Sys.Read(otherRead, 100));
        Report.Number("second"u8, Sys.Read(otherRead, 2) * 10000 + Sys.Read(otherRead, 100));
        Report.Number("splice"u8, Linux.Call(NumberOfSplice, read, 0, otherWrite, 0, 100, 0));
        Report.Number("first moved"u8, Sys.Read(otherRead, 100));
        Report.Number("second moved"u8, Sys.Read(otherRead, 2) * 10000 + Sys.Read(otherRead, 100));
        Sys.Write(write, "broken"u8);
        Report.Number("a part of one"u8, Linux.Call(NumberOfSplice, read, 0, otherWrite, 0, 2, 0));
        Report.Number("the rest of it"u8, Sys.Read(read, 100));
        Report.Number("that part"u8, Sys.Read(otherRead, 100));
        Report.Number("nothing left"u8, Streams.Read(read, memory, 1) * 100 + Streams.Read(otherRead, memory, 1));
        Streams.Close(read, write);
        Streams.Close(otherRead, otherWrite);
    }

    // Writers and readers that wait.
    private static void Awaited()
    {
        const int packets = 300;
        Streams.Create(out int read, out int write, Direct);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(read);
            int wrong = 0;
            for (int packet = 0; packet < packets; packet++)
                wrong += Sys.Write(write, packet % 3 == 0 ? "abc"u8 : packet % 3 == 1 ? "d"u8 : "ef"u8) == (packet % 3 == 0 ? 3 : packet % 3) ? 0 : 1;
            Linux.Exit(wrong > 200 ? 200 : wrong);
        }

        Sys.Close(write);
        int right = 0;
        for (int packet = 0; packet < packets; packet++)
        {
            if (packet % 50 == 0)
                Sys.Sleep(2);
            right += Sys.Read(read, 8) == (packet % 3 == 0 ? 3097 : packet % 3 == 1 ? 1100 : 2101) ? 1 : 0;
        }

        Report.Number("packets that were awaited"u8, right);
        Report.Number("end"u8, Sys.Read(read, 8));
        Report.Number("writer"u8, Sys.Wait(child));
        Sys.Close(read);
    }
}
