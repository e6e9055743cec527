using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>Calls on open files, with addresses as numbers; results are values or −errno.</summary>
internal static class Files
{
    public const int ReadOnly = 0, WriteOnly = 1, ReadWrite = 2, Neither = 3, Create = 0x40, Truncate = 0x200, Append = 0x400, PathOnly = 0x20_0000;
    public const int Page = 4096, StatLength = 144;
    private const long NumberOfFstat = 5, NumberOfSeek = 8, NumberOfMmap = 9, NumberOfProtect = 10, NumberOfUnmap = 11, NumberOfPread = 17, NumberOfPwrite = 18,
        NumberOfReadv = 19, NumberOfWritev = 20, NumberOfTruncate = 77, NumberOfPreadv = 295;
    private const int VectorAt = 3200;

    /// <summary>open(2).</summary>
    public static int Open(ReadOnlySpan<byte> path, int flags) => (int)CallFirst(2, ref MemoryMarshal.GetReference(path), flags, 0x1A4, 0, 0, 0);

    /// <summary>unlink(2).</summary>
    public static int Remove(ReadOnlySpan<byte> path) => (int)CallFirst(87, ref MemoryMarshal.GetReference(path), 0, 0, 0, 0, 0);

    /// <summary>Private memory.</summary>
    public static long Map(long length, int protection = 3) => Linux.Call(NumberOfMmap, 0, length, protection, 0x22, -1);

    /// <summary>mmap(2) of a file.</summary>
    public static long MapFile(int file, long offset, long length, int protection, int type) =>
        Linux.Call(NumberOfMmap, 0, length, protection, type, file, offset);

    /// <summary>munmap(2).</summary>
    public static void Unmap(long address, long length) => Linux.Call(NumberOfUnmap, address, length);

    /// <summary>mprotect(2).</summary>
    public static long Protect(long address, long length, int protection) => Linux.Call(NumberOfProtect, address, length, protection);

    public static long Read(int file, long address, long length) => Linux.Call(0, file, address, length);

    public static long Write(int file, long address, long length) => Linux.Call(1, file, address, length);

    public static long ReadAt(int file, long address, long length, long offset) => Linux.Call(NumberOfPread, file, address, length, offset);

    public static long WriteAt(int file, long address, long length, long offset) => Linux.Call(NumberOfPwrite, file, address, length, offset);

    public static long Seek(int file, long offset, int whence) => Linux.Call(NumberOfSeek, file, offset, whence);

    public static long Fstat(int file, long address) => Linux.Call(NumberOfFstat, file, address);

    public static long Truncated(int file, long length) => Linux.Call(NumberOfTruncate, file, length);

    /// <summary>readv(2) or writev(2) of two buffers; with an offset that is not −1 preadv(2).</summary>
    public static long Vectored(int file, bool write, long first, long firstLength, long second, long secondLength, long offset = -1)
    {
        Sys.Word(Sys.At(VectorAt)) = (ulong)first;
        Sys.Word(Sys.At(VectorAt + 8)) = (ulong)firstLength;
        Sys.Word(Sys.At(VectorAt + 16)) = (ulong)second;
        Sys.Word(Sys.At(VectorAt + 24)) = (ulong)secondLength;
        return offset != -1 ? Linux.Call(NumberOfPreadv, file, Sys.At(VectorAt), 2, offset) : Linux.Call(write ? NumberOfWritev : NumberOfReadv, file,
            Sys.At(VectorAt), 2);
    }

    /// <summary>preadv(2).</summary>
    public static long ReadAtVectors(int file, long array, int count, long offset) => Linux.Call(NumberOfPreadv, file, array, count, offset);

    /// <summary>Fills memory with one byte.</summary>
    public static void Fill(long address, int length, byte value)
    {
        for (int index = 0; index < length; index++)
            Linux.MemoryAt(address + index) = value;
    }

    /// <summary>How many bytes at the beginning of a range have a value.</summary>
    public static int Leading(long address, int length, byte value)
    {
        int index = 0;
        while (index < length && Linux.MemoryAt(address + index) == value)
            index++;
        return index;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallFirst(long number, ref byte a0, long a1, long a2, long a3, long a4, long a5);
}
