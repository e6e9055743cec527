using System;

namespace PersonalityTests;

/// <summary>Calls that move bytes between pipes: splice(2), tee(2).</summary>
internal static unsafe class PipeTests
{
    private const uint Read = 0, Write = 1, Close = 3, Fork = 57, Exit = 231, Wait = 61, SpliceCall = 275, TeeCall = 276, Pipe2 = 293;
    private const uint Capacity = 65536, NonBlock = 0x800, SpliceNonBlock = 2;
    private const long EBADF = -9, EPIPE = -32;

    // Ends of two pipes.
    private static uint firstRead, firstWrite, secondRead, secondWrite;

    public static void Run()
    {
        byte* bytes = (byte*)Linux.Map(2 * Capacity);
        OpenPipes(NonBlock);
        TestSplice(bytes);
        TestTee(bytes);
        TestTeeErrors(bytes);
        ClosePipes();
        TestWaitingTee(bytes);
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

    private static void TestTee(byte* bytes)
    {
        Report.Equal(5, Put(firstWrite, bytes, 5, 3), "write"u8);
        Report.Equal(5, Tee(firstRead, secondWrite, 10, 0), "tee"u8);
        Report.Check(Take(secondRead, bytes, 5, 3), "the copy"u8);
        Report.Equal(2, Tee(firstRead, secondWrite, 2, 0), "tee of a part"u8);
        Report.Check(Take(secondRead, bytes, 2, 3), "the copied part"u8);
        Report.Check(Take(firstRead, bytes, 5, 3), "the bytes are still there"u8);

        // The bytes lie across the end of whatever a pipe is made of.
        const uint most = 60_000, taken = 50_000;
        Report.Equal(most, Put(firstWrite, bytes, most, 0), "write much"u8);
        Report.Equal(taken, Linux.Call(Read, firstRead, (ulong)bytes, taken), "read most of it"u8);
        Report.Equal(taken, Put(firstWrite, bytes, taken, most), "write again"u8);
        Report.Equal(most, Tee(firstRead, secondWrite, 2 * Capacity, 0), "tee of all"u8);
        Report.Check(Take(secondRead, bytes, most, taken), "the copy of all"u8);
        Report.Check(Take(firstRead, bytes, most, taken), "all is still there"u8);
    }

    private static void TestTeeErrors(byte* bytes)
    {
        Report.Equal(Linux.EAGAIN, Tee(firstRead, secondWrite, 1, 0), "tee of an empty pipe"u8);
        Report.Equal(1, Put(firstWrite, bytes, 1, 0), "write"u8);
        Report.Equal(0, Tee(1000, 1000, 0, 0), "tee of nothing"u8);
        Report.Equal(Linux.EINVAL, Tee(1000, 1000, 0, 16), "tee, unknown flag"u8);
        Report.Equal(EBADF, Tee(1000, secondWrite, 1, 0), "tee, no such input"u8);
        Report.Equal(EBADF, Tee(firstRead, 1000, 1, 0), "tee, no such output"u8);
        Report.Equal(EBADF, Tee(firstWrite, secondWrite, 1, 0), "tee of what cannot be read"u8);
        Report.Equal(EBADF, Tee(firstRead, secondRead, 1, 0), "tee into what cannot be written"u8);
        Report.Equal(Linux.EINVAL, Tee(firstRead, firstWrite, 1, 0), "tee of a pipe into itself"u8);
        Report.Equal(Capacity, Put(secondWrite, bytes, Capacity, 0), "fill"u8);
        Report.Equal(Linux.EAGAIN, Tee(firstRead, secondWrite, 1, 0), "tee into a full pipe"u8);
        Linux.SetAction(13, 1);
        Linux.Call(Close, secondRead);
        Report.Equal(EPIPE, Tee(firstRead, secondWrite, 1, 0), "tee that nobody reads"u8);
        Linux.SetAction(13, 0);
        Linux.Call(Close, firstWrite);
        Report.Check(Take(firstRead, bytes, 1, 0), "the last byte"u8);
        uint* ends = stackalloc uint[2];
        Report.Equal(0, Linux.Call(Pipe2, (ulong)ends, 0), "pipe2"u8);
        Report.Equal(0, Tee(firstRead, ends[1], 1, 0), "tee at the end"u8);
        Linux.Call(Close, ends[0]);
        Linux.Call(Close, ends[1]);
    }

    // A child writes only after a while: tee waits for it, and again for room, which the child makes by reading. Neither pipe loses a byte.
    private static void TestWaitingTee(byte* bytes)
    {
        const ulong pause = 20_000_000;
        OpenPipes(0);
        Report.Equal(Capacity, Put(secondWrite, bytes, Capacity, 0), "fill"u8);
        long child = Linux.Call(Fork);
        if (child == 0)
        {
            Linux.Sleep(pause);
            long wrote = Put(firstWrite, bytes, 5, 7);
            Linux.Sleep(pause);
            Linux.Call(Exit, wrote == 5 && Take(secondRead, bytes, Capacity, 0) ? 0ul : 1);
        }
        Report.Equal(5, Tee(firstRead, secondWrite, 10, 0), "tee that waits"u8);
        Report.Check(Take(secondRead, bytes, 5, 7), "the copy after the wait"u8);
        Report.Check(Take(firstRead, bytes, 5, 7), "the bytes after the wait"u8);
        uint status = 1;
        Report.Equal(child, Linux.Call(Wait, (ulong)child, (ulong)&status, 0, 0), "the child"u8);
        Report.Equal(0, status, "the child's status"u8);
        ClosePipes();
    }

    private static long Tee(uint input, uint output, ulong length, ulong flags) => Linux.Call(TeeCall, input, output, length, flags);

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
