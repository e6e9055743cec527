using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Bare;

namespace CoherenceChecks;

/// <summary>The Linux calls of the checks, by the numbers of asm/unistd_64.h, and memory by its address. Paths end with a NUL.</summary>
internal static class Files
{
    public const long Page = 4096, ReadOnly = 0, ReadWrite = 2, Create = 0x42, Shared = 1, Private = 2;
    private const long OpenNumber = 2, CloseNumber = 3, FstatNumber = 5, SeekNumber = 8, MmapNumber = 9, MunmapNumber = 11, Pread = 17, Pwrite = 18,
        ForkNumber = 57, WaitNumber = 61, FutexNumber = 202;
    private const long TruncateNumber = 77, UnlinkNumber = 87, FallocateNumber = 285;

    public static long Open(ReadOnlySpan<byte> path, long flags) => Linux.Call(OpenNumber, ref MemoryMarshal.GetReference(path), flags, 0x1B6, 0, 0, 0);

    public static void Unlink(ReadOnlySpan<byte> path) => Linux.Call(UnlinkNumber, ref MemoryMarshal.GetReference(path), 0, 0, 0, 0, 0);

    public static void Close(long file) => Linux.Call(CloseNumber, file);

    public static long Truncate(long file, long length) => Linux.Call(TruncateNumber, file, length);

    public static long Seek(long file, long offset, long whence) => Linux.Call(SeekNumber, file, offset, whence);

    public static long Punch(long file, long offset, long length) => Linux.Call(FallocateNumber, file, 3, offset, length);

    public static long Map(long file, long offset, long length, long flags, bool writable = true) =>
        Linux.Call(MmapNumber, 0, length, writable ? 3 : 1, flags, file, offset);

    public static void Unmap(long address, long length) => Linux.Call(MunmapNumber, address, length);

    /// <summary>One byte of a file, or an error.</summary>
    public static long ReadByte(long file, long offset)
    {
        Span<byte> one = stackalloc byte[1];
        long result = Linux.Call(Pread, file, ref one[0], 1, offset, 0, 0);
        return result == 1 ? one[0] : result == 0 ? -1000 : result;
    }

    public static long WriteByte(long file, long offset, byte value)
    {
        Span<byte> one = [value];
        return Linux.Call(Pwrite, file, ref one[0], 1, offset, 0, 0);
    }

    /// <summary>read(2) and write(2) whose buffer is anywhere.</summary>
    public static long ReadTo(long file, long offset, long address, long length) => Linux.Call(Pread, file, address, length, offset);

    public static long WriteFrom(long file, long offset, long address, long length) => Linux.Call(Pwrite, file, address, length, offset);

    /// <summary>st_blocks.</summary>
    public static long Blocks(long file)
    {
        Span<long> stat = stackalloc long[18];
        Linux.Call(FstatNumber, file, ref MemoryMarshal.AsBytes(stat)[0], 0, 0, 0, 0);
        return stat[8];
    }

    /// <summary>futex(2) with operations that other processes see.</summary>
    public static long Futex(long address, long operation, long value, long timeOrSecond = 0, long target = 0, long expected = 0) =>
        Linux.Call(FutexNumber, address, operation, value, timeOrSecond, target, expected);

    public static byte Load(long address) => Volatile.Read(ref Linux.MemoryAt(address));

    public static void Store(long address, byte value) => Volatile.Write(ref Linux.MemoryAt(address), value);

    /// <summary>What becomes of a child that loads or stores: its wait status, 7 for SIGBUS.</summary>
    public static long Try(long address, bool store)
    {
        long child = Linux.Call(ForkNumber);
        if (child == 0)
        {
            byte value = Load(address);
            if (store)
                Store(address, (byte)(value + 1));
            Linux.Exit(0);
        }

        Span<int> status = stackalloc int[1];
        Linux.Call(WaitNumber, child, ref MemoryMarshal.AsBytes(status)[0], 0, 0, 0, 0);
        return status[0] & 0x7F; // without "core dumped"
    }
}
