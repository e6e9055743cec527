using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bare;

namespace TerminalChecks;

/// <summary>The system calls of these checks; results are values or −errno.</summary>
internal static class Sys
{
    public const int ReadWrite = 2, NoControlling = 0x100, NonBlocking = 0x800;
    public const int Sighup = 1, Sigint = 2, Sigkill = 9, Sigcont = 18, Sigtstp = 20, Sigttin = 21, Sigttou = 22, Sigwinch = 28;
    private const long NumberOfRead = 0, NumberOfOpen = 2, NumberOfPoll = 7, NumberOfAction = 13, NumberOfMask = 14, NumberOfIoctl = 16, NumberOfSleep = 35,
        NumberOfWait = 61, NumberOfTimedWait = 128;

    public static int Open(ReadOnlySpan<byte> path, int flags) => (int)CallFirst(NumberOfOpen, ref MemoryMarshal.GetReference(path), flags, 0, 0, 0, 0);

    public static int Read(int descriptor, Span<byte> buffer) =>
        (int)CallSecond(NumberOfRead, descriptor, ref MemoryMarshal.GetReference(buffer), buffer.Length, 0, 0, 0);

    public static int Write(int descriptor, ReadOnlySpan<byte> data) => (int)Linux.Write(descriptor, data);

    public static int Close(int descriptor) => (int)Linux.Call(3, descriptor);

    public static int Control(int descriptor, uint request, Span<byte> data) =>
        (int)CallThird(NumberOfIoctl, descriptor, request, ref MemoryMarshal.GetReference(data), 0, 0, 0);

    public static int Control(int descriptor, uint request, long argument = 0) => (int)Linux.Call(NumberOfIoctl, descriptor, request, argument);

    /// <summary>A request that takes an int behind a pointer.</summary>
    public static int ControlInt(int descriptor, uint request, int value)
    {
        Span<byte> data = stackalloc byte[4];
        Integers.Put(data, value);
        return Control(descriptor, request, data);
    }

    /// <summary>A request that gives an int; −errno if it fails.</summary>
    public static int GetInt(int descriptor, uint request)
    {
        Span<byte> data = stackalloc byte[4];
        int result = Control(descriptor, request, data);
        return result < 0 ? result : Integers.Get(data);
    }

    /// <summary>POLL* bits that hold within the time.</summary>
    public static int Poll(int descriptor, int milliseconds)
    {
        Span<byte> entry = stackalloc byte[8];
        Integers.Put(entry, descriptor);
        entry[4] = 0x47; // POLLIN | POLLPRI | POLLOUT | POLLRDNORM
        entry[5] = 1; // POLLWRNORM
        int result = (int)CallFirst(NumberOfPoll, ref MemoryMarshal.GetReference(entry), 1, milliseconds, 0, 0, 0);
        return result < 0 ? result : entry[6] | entry[7] << 8;
    }

    public static int Fork() => (int)Linux.Call(57);

    public static int Pid() => (int)Linux.Call(39);

    public static int Kill(int target, int signal) => (int)Linux.Call(62, target, signal);

    public static int SetGroup(int pid, int group) => (int)Linux.Call(109, pid, group);

    public static int SetSession() => (int)Linux.Call(112);

    /// <summary>Wait status of a child that ended or stopped.</summary>
    public static int Wait(int pid)
    {
        const int untraced = 2;
        Span<byte> status = stackalloc byte[4];
        int result = (int)CallSecond(NumberOfWait, pid, ref MemoryMarshal.GetReference(status), untraced, 0, 0, 0);
        return result < 0 ? result : Integers.Get(status);
    }

    public static void Sleep(int milliseconds)
    {
        Span<byte> time = stackalloc byte[16];
        time.Clear();
        Integers.Put(time, milliseconds / 1000);
        Integers.Put(time[8..], milliseconds % 1000 * 1_000_000);
        CallFirst(NumberOfSleep, ref MemoryMarshal.GetReference(time), 0, 0, 0, 0, 0);
    }

    /// <summary>SIG_IGN or SIG_DFL.</summary>
    public static void Ignore(int signal, bool ignore = true)
    {
        Span<byte> action = stackalloc byte[32];
        action.Clear();
        action[0] = ignore ? (byte)1 : (byte)0;
        CallSecond(NumberOfAction, signal, ref MemoryMarshal.GetReference(action), 0, 8, 0, 0);
    }

    /// <summary>Blocks exactly these signals.</summary>
    public static void Block(ulong signals)
    {
        const int setMask = 2;
        Span<byte> set = stackalloc byte[8];
        Integers.Put(set, (int)signals);
        Integers.Put(set[4..], (int)(signals >> 32));
        CallSecond(NumberOfMask, setMask, ref MemoryMarshal.GetReference(set), 0, 8, 0, 0);
    }

    public static ulong Set(int signal) => 1ul << (signal - 1);

    /// <summary>The signal of the set that is pending within the time, or −errno.</summary>
    public static int TakeSignal(ulong signals, int milliseconds)
    {
        Span<byte> set = stackalloc byte[24];
        set.Clear();
        Integers.Put(set, (int)signals);
        Integers.Put(set[8..], milliseconds / 1000);
        Integers.Put(set[16..], milliseconds % 1000 * 1_000_000);
        return (int)CallTwo(NumberOfTimedWait, ref MemoryMarshal.GetReference(set), 0, ref MemoryMarshal.GetReference(set[8..]), 8, 0, 0);
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallFirst(long number, ref byte a0, long a1, long a2, long a3, long a4, long a5);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallSecond(long number, long a0, ref byte a1, long a2, long a3, long a4, long a5);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallThird(long number, long a0, long a1, ref byte a2, long a3, long a4, long a5);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallTwo(long number, ref byte a0, long a1, ref byte a2, long a3, long a4, long a5);
}
