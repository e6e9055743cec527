using Bare;
using ConnectionChecks;

namespace StreamChecks;

/// <summary>fcntl(2) F_SETPIPE_SZ and F_GETPIPE_SZ, of pipes that are mapped and of such that are not, while others use them.</summary>
internal static class SizeChecks
{
    private const int SetSize = 1031, GetSize = 1032, Largest = 1 << 20, Page = Streams.PageLength;
    private const uint BytesReadable = 0x541B;
    private const long NumberOfSetUsers = 117;

    public static void Run()
    {
        long memory = Streams.Memory(2 * Largest);
        for (int round = 0; round < 2; round++)
        {
            Values(round != 0);
            Contents(round != 0, memory);
            Rounded(round != 0);
            Limited(round != 0);
            Awaited(round != 0);
            Shared(round != 0);
            Edges(round != 0);
        }

        Report.Number("no pipe"u8, Sys.Fcntl(Sys.Open("/dev/null\0"u8, 0), GetSize, 0));
    }

    // Each write is an edge, also where nothing has been read since, before and after another size.
    private static void Edges(bool isUsed)
    {
        Streams.Create(isUsed, out int read, out int write);
        int epoll = Sys.EpollCreate();
        Sys.EpollControl(epoll, 1, read, 1 | 1u << 31);
        for (int round = 0; round < 3; round++)
        {
            Sys.Write(write, "a"u8);
            Report.Number("edge"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), read) * 10 + Sys.EpollWait(epoll, 0));
            Sys.Write(write, "b"u8);
            Report.Number("next"u8, Sys.EpollFound(Sys.EpollWait(epoll, 100), read) * 10 + Sys.EpollWait(epoll, 0));
            if (round == 0)
                Sys.Fcntl(write, SetSize, 2 * Page);
            if (round == 1)
                Sys.Read(read, 2);
        }

        Sys.Close(epoll);
        Streams.Close(read, write);
    }

    private static void Values(bool isUsed)
    {
        Streams.Create(isUsed, out int read, out int write, Sys.NonBlock);
        Report.Number("size"u8, Sys.Fcntl(read, GetSize, 0));
        Report.Number("of the other end"u8, Sys.Fcntl(write, GetSize, 0));
        int[] sizes = [0, 1, Page, Page + 1, 3 * Page, Streams.Capacity, Streams.Capacity + 1, Largest, int.MaxValue, -1];
        for (int index = 0; index < sizes.Length; index++)
        {
            long result = index == sizes.Length - 2 ? 0 : Sys.Fcntl(write, SetSize, sizes[index]);
            Report.Number("set"u8, result);
            Report.Number("then"u8, Sys.Fcntl(read, GetSize, 0));
        }

        Report.Number("far too much"u8, Sys.Fcntl(write, SetSize, 1L << 40));
        Streams.Close(read, write);
    }

    private static void Contents(bool isUsed, long memory)
    {
        Streams.Create(isUsed, out int read, out int write, Sys.NonBlock);
        for (int at = 0; at < Largest; at += sizeof(ulong))
            Sys.Word(memory + at) = (ulong)at * 0x9E37_79B9_7F4A_7C15;
        Report.Number("in"u8, Streams.Write(write, memory, 5 * Page));
        Report.Number("busy"u8, Sys.Fcntl(read, SetSize, 4 * Page));
        Report.Number("just enough"u8, Sys.Fcntl(read, SetSize, 8 * Page));
        Report.Number("inside"u8, Sys.Control(read, BytesReadable, 0));
        Report.Number("until full"u8, Streams.Write(write, memory + 5 * Page, 8 * Page));
        Report.Number("full"u8, Streams.Write(write, memory, 1) * 10000 + Streams.Ready(write, Sys.Out));
        Report.Number("larger"u8, Sys.Fcntl(read, SetSize, Largest));
        Report.Number("ready"u8, Streams.Ready(write, Sys.Out));
        Report.Number("more"u8, Streams.Write(write, memory + 8 * Page, Largest));
        long back = memory + Largest;
        int got = 0;
        for (long count; (count = Streams.Read(read, back + got, Largest - got)) > 0;)
            got += (int)count;
        int wrong = 0;
        for (int at = 0; at < got; at += sizeof(ulong))
            wrong += Sys.Word(back + at) == (ulong)at * 0x9E37_79B9_7F4A_7C15 ? 0 : 1;
        Report.Number("out"u8, got);
        Report.Number("wrong words"u8, wrong);
        Report.Number("small again"u8, Sys.Fcntl(read, SetSize, Page));
        Report.Number("a page"u8, Streams.Write(write, memory, 3 * Page));
        Report.Number("not ready"u8, Streams.Ready(write, Sys.Out) * 1000 + Streams.Ready(read, Sys.In));
        Sys.Close(write);
        Report.Number("all of it"u8, Streams.Read(read, back, Largest));
        Report.Number("end"u8, Streams.Read(read, back, Largest) + Streams.Ready(read, Sys.In));
        Sys.Close(read);
    }

    // Much through little.
    private static void Rounded(bool isUsed)
    {
        Streams.Create(isUsed, out int read, out int write);
        Sys.Fcntl(write, SetSize, Page);
        const int bytes = 50_000;
        long memory = Streams.Memory(Streams.Capacity);
        int child = Sys.Fork();
        if (child == 0)
        {
            for (int at = 0; at < bytes; at++)
                Sys.Word(memory + at) = (byte)(at * 7);
            Linux.Exit(Streams.Write(write, memory, bytes) == bytes ? 0 : 1);
        }

        int got = 0, wrong = 0;
        while (got < bytes)
        {
            long count = Streams.Read(read, memory, 3000);
            if (count <= 0)
                break;
            for (int at = 0; at < count; at++, got++)
                wrong += (byte)Sys.Word(memory + at) == (byte)(got * 7) ? 0 : 1;
        }

        Report.Number("through a page"u8, got);
        Report.Number("wrong bytes"u8, wrong);
        Report.Number("writer"u8, Sys.Wait(child));
        Streams.Close(read, write);
    }

    // Who is not root.
    private static void Limited(bool isUsed)
    {
        Streams.Create(isUsed, out int read, out int write);
        int child = Sys.Fork();
        if (child == 0)
        {
            Linux.Call(NumberOfSetUsers, 1000, 1000, 1000);
            int wrong = Sys.Fcntl(read, SetSize, Largest) == Largest ? 0 : 1;
            wrong += Sys.Fcntl(read, SetSize, Largest + 1) == -1 ? 0 : 2; // EPERM
            wrong += Sys.Fcntl(read, SetSize, 1) == Page ? 0 : 4;
            Linux.Exit(wrong);
        }

        Report.Number("a user"u8, Sys.Wait(child));
        Report.Number("as that left it"u8, Sys.Fcntl(write, GetSize, 0));
        Streams.Close(read, write);
    }

    // Who waits while the size changes goes on, by whatever way.
    private static void Awaited(bool isUsed)
    {
        Streams.Create(out int read, out int write);
        Streams.Create(out int told, out int tell);
        for (int kind = 0; kind < 3; kind++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                if (isUsed)
                    Streams.Use(read, write);
                Sys.Write(tell, "!"u8);
                Linux.Exit(Await(kind, read, write));
            }

            Sys.Read(told, 1);
            Sys.Sleep(30);
            Report.Number("while one waits"u8, Sys.Fcntl(write, SetSize, (kind + 2) * Streams.Capacity));
            Sys.Sleep(10);
            if (kind < 2)
                Sys.Write(write, "x"u8);
            Report.Number("it goes on"u8, Sys.Wait(child));
            while (Sys.Control(read, BytesReadable, 0) > 0)
                Sys.Read(read, 1000);
        }

        Streams.Close(read, write);
        Streams.Close(told, tell);
    }

    private static int Await(int kind, int read, int write)
    {
        switch (kind)
        {
            case 0: return (int)(Sys.Read(read, 1) % 200);
            case 1: return Streams.Ready(read, Sys.In, 5000);
            default: return Streams.Write(write, Streams.Memory(5 * Streams.Capacity), 5 * Streams.Capacity / 4 * 3) == 5 * Streams.Capacity / 4 * 3 ? 3 : 4;
        }
    }

    // Two processes that move bytes by what they have mapped, while a third changes its size.
    private static void Shared(bool isUsed)
    {
        const int bytes = 400_000, changes = 40;
        Streams.Create(out int read, out int write);
        Streams.Create(out int told, out int tell);
        int writer = Sys.Fork();
        if (writer == 0)
        {
            if (isUsed)
                Streams.Use(read, write);
            Sys.Write(tell, "!"u8);
            Sys.Close(read);
            Linux.Exit(WriteAll(write, bytes));
        }

        // Not before: who uses it reads what he has written.
        Sys.Read(told, 1);
        int reader = Sys.Fork();
        if (reader == 0)
        {
            Sys.Close(write);
            Linux.Exit(ReadAll(read));
        }

        for (int change = 0; change < changes; change++)
        {
            Sys.Fcntl(read, SetSize, Page << (change % 7));
            Sys.Sleep(1);
        }

        Streams.Close(read, write);
        Streams.Close(told, tell);
        Report.Number("writer beside changes"u8, Sys.Wait(writer));
        Report.Number("reader beside changes"u8, Sys.Wait(reader));
    }

    private static int WriteAll(int write, int bytes)
    {
        long memory = Streams.Memory(Page);
        for (int at = 0; at < bytes;)
        {
            int length = 1 + at % 700;
            for (int index = 0; index < length; index++)
                Sys.Word(memory + index) = (byte)((at + index) * 11);
            if (Streams.Write(write, memory, length) != length)
                return 1;
            at += length;
        }

        return 0;
    }

    private static int ReadAll(int read)
    {
        long memory = Streams.Memory(2 * Page);
        int at = 0;
        for (long count; (count = Streams.Read(read, memory, 1 + at % 5000)) > 0;)
        {
            for (int index = 0; index < count; index++, at++)
            {
                if ((byte)Sys.Word(memory + index) != (byte)(at * 11))
                    return 1;
            }
        }

        return at >= 400_000 ? 0 : 2;
    }
}
