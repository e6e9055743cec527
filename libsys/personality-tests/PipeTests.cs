using System;

namespace PersonalityTests;

/// <summary>Calls that move bytes between pipes: splice(2).</summary>
internal static unsafe class PipeTests
{
    private const uint Read = 0, Write = 1, Close = 3, SpliceCall = 275, Pipe2 = 293;
    private const uint Capacity = 65536, NonBlock = 0x800, SpliceNonBlock = 2;
    private const long EBADF = -9;

    // Ends of two pipes.
    private static uint firstRead, firstWrite, secondRead, secondWrite;

    public static void Run()
    {
        byte* bytes = (byte*)Linux.Map(2 * Capacity);
        OpenPipes(NonBlock);
        TestSplice(bytes);
        ClosePipes();
        Linux.Call(11, (ulong)bytes, 2 * Capacity);
        Report.Line("ok pipes"u8);
    }

    private static void TestSplice(byte* bytes)
    {
        Report.Equal(Linux.EAGAIN, Splice(firstRead, secondWrite, 10, SpliceNonBlock), "splice of an empty pipe"u8);
        Report.Equal(5, Put(firstWrite, bytes, 5, 1), "write"u8);
        Report.Equal(Linux.EINVAL, Splice(firstRead, secondWrite, 10, 16), "splice, unknown flag"u8);
        Report.Equal(0, Splice(firstRead, secondWrite, 0, 0), "splice of nothing"u8);
        Report.Equal(EBADF, Splice(firstRead, 1000, 10, 0), "splice, no such descriptor"u8);
        Report.Equal(3, Splice(firstRead, secondWrite, 3, 0), "splice of a part"u8);
        Report.Equal(2, Splice(firstRead, secondWrite, 10, 0), "splice of the rest"u8);
        Report.Check(Take(secondRead, bytes, 5, 1), "spliced bytes"u8);
        Report.Equal(Linux.EAGAIN, Linux.Call(Read, firstRead, (ulong)bytes, 1), "nothing is left"u8);
    }

    private static long Splice(uint input, uint output, ulong length, ulong flags) => Linux.Call(SpliceCall, input, 0, output, 0, length, flags);

    private static void OpenPipes(uint flags)
    {
        uint* ends = stackalloc uint[4];
        Report.Equal(0, Linux.Call(Pipe2, (ulong)ends, flags), "pipe2"u8);
        Report.Equal(0, Linux.Call(Pipe2, (ulong)(ends + 2), flags), "pipe2"u8);
        (firstRead, firstWrite, secondRead, secondWrite) = (ends[0], ends[1], ends[2], ends[3]);
    }

    private static void ClosePipes()
    {
        Linux.Call(Close, firstRead);
        Linux.Call(Close, firstWrite);
        Linux.Call(Close, secondRead);
        Linux.Call(Close, secondWrite);
    }

    // Bytes that count up from a first one: what is lost, moved or doubled shows.
    private static long Put(uint end, byte* bytes, uint length, uint first)
    {
        for (uint at = 0; at < length; at++)
            bytes[at] = Pattern(first + at);
        return Linux.Call(Write, end, (ulong)bytes, length);
    }

    private static bool Take(uint end, byte* bytes, uint length, uint first)
    {
        if (Linux.Call(Read, end, (ulong)bytes, 2 * Capacity) != length)
            return false;
        for (uint at = 0; at < length; at++)
        {
            if (bytes[at] != Pattern(first + at))
                return false;
        }
        return true;
    }

    // 251 is the largest prime below 256: pages differ.
    private static byte Pattern(uint at) => (byte)(at % 251);
}
