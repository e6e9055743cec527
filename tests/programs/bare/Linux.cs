using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Bare;

/// <summary>System calls of a program without a runtime, and what the core library asks of the image that links it.</summary>
internal static class Linux
{
    private const long WriteNumber = 1, MmapNumber = 9, ExitGroupNumber = 231;
    private const int HeapLength = 1 << 20;

    private static nint heap;
    private static int heapUsed;

    /// <summary>Any system call; a negative result is an error number.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    public static extern long Call(long number, long a0 = 0, long a1 = 0, long a2 = 0, long a3 = 0, long a4 = 0, long a5 = 0);

    /// <summary>The same with a buffer as the second argument.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    public static extern long Call(long number, long a0, ref byte a1, long a2, long a3, long a4, long a5);

    /// <summary>The same with a buffer as the first argument.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    public static extern long Call(long number, ref byte a0, long a1, long a2, long a3, long a4, long a5);

    /// <summary>A byte of the program's memory.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "memory_at")]
    public static extern ref byte MemoryAt(long address);

    /// <summary>Writes to a descriptor, as write(2).</summary>
    public static long Write(int descriptor, ReadOnlySpan<byte> bytes) =>
        Call(WriteNumber, descriptor, ref MemoryMarshal.GetReference(bytes), bytes.Length, 0, 0, 0);

    /// <summary>Ends the process.</summary>
    public static void Exit(int status) => Call(ExitGroupNumber, status);

    // A failed check inside the core library: the code is part of the exit status, so that a test can tell which.
    [RuntimeExport("program_fail_fast")]
    private static void FailFast(int code, ulong address) => Exit(200 + code);

    [RuntimeExport("image_allocate")]
    private static nint Allocate(nuint size)
    {
        // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS.
        if (heap == 0)
            heap = (nint)Call(MmapNumber, 0, HeapLength, 3, 0x22, -1);
        if (heap < 0 || (int)size > HeapLength - heapUsed)
            return 0;
        heapUsed += (int)size;
        return heap + heapUsed - (int)size;
    }
}
