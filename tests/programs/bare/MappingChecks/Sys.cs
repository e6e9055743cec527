using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bare;

namespace MappingChecks;

/// <summary>
/// The system calls of these checks; results are values or −errno. Addresses are numbers: memory is read and written by giving it to read(2) and write(2),
/// which fail where a program would.
/// </summary>
internal static class Sys
{
    public const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, PathOnly = 0x20_0000;
    public const int None = 0, Read = 1, Write = 2, Execute = 4;
    public const int Shared = 1, Private = 2, Fixed = 0x10, Anonymous = 0x20, FixedNoReplace = 0x10_0000;
    public const long Page = 4096;
    private const long NumberOfRead = 0, NumberOfOpen = 2, NumberOfMmap = 9, NumberOfProtect = 10, NumberOfUnmap = 11, NumberOfPipe = 22, NumberOfRemap = 25,
        NumberOfFork = 57,
        NumberOfWait = 61, NumberOfTruncate = 77, NumberOfSetIds = 117;

    private static int pipeRead, pipeWrite;

    public static int Open(ReadOnlySpan<byte> path, int flags) => (int)CallFirst(NumberOfOpen, ref MemoryMarshal.GetReference(path), flags, 0, 0, 0, 0);

    public static void Close(int descriptor) => Linux.Call(3, descriptor);

    public static long Map(long address, long length, int protection, int flags, int descriptor, long offset = 0) =>
        Linux.Call(NumberOfMmap, address, length, protection, flags, descriptor, offset);

    public static long Protect(long address, long length, int protection) => Linux.Call(NumberOfProtect, address, length, protection);

    public static long Unmap(long address, long length) => Linux.Call(NumberOfUnmap, address, length);

    /// <summary>mremap(2) to wherever there is room.</summary>
    public static long Move(long address, long length, long target) => Linux.Call(NumberOfRemap, address, length, length, 3, target);

    /// <summary>mremap(2).</summary>
    public static long Remap(long address, long length, long newLength, int flags, long target) =>
        Linux.Call(NumberOfRemap, address, length, newLength, flags, target);

    public static int Become(int id) => (int)Linux.Call(NumberOfSetIds, id, id, id);

    public static int Fork() => (int)Linux.Call(NumberOfFork);

    public static void Wait(int pid) => Linux.Call(NumberOfWait, pid);

    public static long Truncate(int descriptor, long length) => Linux.Call(NumberOfTruncate, descriptor, length);

    /// <summary>The byte at an address, or −EFAULT.</summary>
    public static long Peek(long address)
    {
        OpenPipe();
        long result = Linux.Call(1, pipeWrite, address, 1);
        if (result != 1)
            return result;
        Span<byte> one = stackalloc byte[1];
        Linux.Call(NumberOfRead, pipeRead, ref MemoryMarshal.GetReference(one), 1, 0, 0, 0);
        return one[0];
    }

    /// <summary>Stores a byte at an address: 1 or −EFAULT.</summary>
    public static long Poke(long address, byte value)
    {
        OpenPipe();
        Span<byte> one = stackalloc byte[1];
        one[0] = value;
        Linux.Write(pipeWrite, one);
        long result = Linux.Call(NumberOfRead, pipeRead, address, 1);
        if (result != 1)
            Linux.Call(NumberOfRead, pipeRead, ref MemoryMarshal.GetReference(one), 1, 0, 0, 0);
        return result;
    }

    private static void OpenPipe()
    {
        if (pipeWrite != 0)
            return;
        Span<byte> ends = stackalloc byte[8];
        CallFirst(NumberOfPipe, ref MemoryMarshal.GetReference(ends), 0, 0, 0, 0, 0);
        pipeRead = ends[0];
        pipeWrite = ends[4];
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallFirst(long number, ref byte a0, long a1, long a2, long a3, long a4, long a5);
}
