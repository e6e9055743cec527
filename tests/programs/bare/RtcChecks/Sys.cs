using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bare;

namespace RtcChecks;

/// <summary>The system calls of these checks; results are values or −errno.</summary>
internal static class Sys
{
    private const long NumberOfRead = 0, NumberOfOpen = 2, NumberOfClose = 3, NumberOfPoll = 7, NumberOfSeek = 8, NumberOfIoctl = 16, NumberOfSleep = 35,
        NumberOfFork = 57, NumberOfWait = 61, NumberOfSetUser = 105;

    public static int Open(int flags)
    {
        ReadOnlySpan<byte> path = "/dev/rtc0\0"u8;
        return (int)Linux.Call(NumberOfOpen, ref MemoryMarshal.GetReference(path), flags, 0, 0, 0, 0);
    }

    public static int Close(int descriptor) => (int)Linux.Call(NumberOfClose, descriptor);

    public static int Read(int descriptor, Span<byte> buffer) =>
        (int)Linux.Call(NumberOfRead, descriptor, ref MemoryMarshal.GetReference(buffer), buffer.Length, 0, 0, 0);

    public static int Seek(int descriptor) => (int)Linux.Call(NumberOfSeek, descriptor, 0, 0);

    public static int Control(int descriptor, uint request, Span<byte> data) =>
        (int)CallThird(NumberOfIoctl, descriptor, request, ref MemoryMarshal.GetReference(data), 0, 0, 0);

    /// <summary>POLL* bits that hold within the time.</summary>
    public static int Poll(int descriptor, int milliseconds)
    {
        Span<byte> entry = stackalloc byte[8];
        Integers.Put(entry, descriptor);
        Integers.Put(entry[4..], 1); // POLLIN
        int result = (int)Linux.Call(NumberOfPoll, ref MemoryMarshal.GetReference(entry), 1, milliseconds, 0, 0, 0);
        return result < 0 ? result : entry[6];
    }

    public static void Sleep(int milliseconds)
    {
        Span<byte> time = stackalloc byte[16];
        time.Clear();
        Integers.Put(time, milliseconds / 1000);
        Integers.Put(time[8..], milliseconds % 1000 * 1_000_000);
        Linux.Call(NumberOfSleep, ref MemoryMarshal.GetReference(time), 0, 0, 0, 0, 0);
    }

    /// <summary>What a process of another user gets for opening the clock: the error number.</summary>
    public static int WithoutRoot()
    {
        const int somebody = 1000;
        int child = (int)Linux.Call(NumberOfFork);
        if (child == 0)
        {
            Linux.Call(NumberOfSetUser, somebody);
            Linux.Exit(-Open(0));
        }

        Span<byte> status = stackalloc byte[4];
        Linux.Call(NumberOfWait, child, ref MemoryMarshal.GetReference(status), 0, 0, 0, 0);
        return status[1];
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallThird(long number, long a0, long a1, ref byte a2, long a3, long a4, long a5);
}
