using System;
using System.Runtime;
using System.Runtime.InteropServices;
using Bare;

namespace ManyFiles;

/// <summary>
/// Makes as many files as its argument says, 1,000 a directory below /m, then maps 10,000 of them one after the other, stores a byte in each and reads it from
/// the file: there are fewer objects that a cache may keep for mapped files.
/// </summary>
internal static class Program
{
    private const long Page = 4096, Create = 0x42, ReadWrite = 2, MostMapped = 10_000, EachDirectory = 1000;
    private const long OpenNumber = 2, CloseNumber = 3, MmapNumber = 9, MunmapNumber = 11, Pread = 17, Pwrite = 18, MakeDirectory = 83;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        // The only argument is the number of files.
        long files = argumentCount > 1 ? Parse(Argument(arguments, 1)) : 0;
        Report.Number("files"u8, files);
        Report.Number("made"u8, Make(files));
        long mapped = files < MostMapped ? files : MostMapped;
        Report.Number("mapped"u8, MapEach(files, mapped));
        Report.Number("read"u8, ReadEach(files, mapped));
        return 0;
    }

    // Each file has its number's lowest byte.
    private static long Make(long files)
    {
        Span<byte> one = stackalloc byte[1];
        Span<byte> path = stackalloc byte[24];
        for (long number = 0; number < files; number++)
        {
            if (number % EachDirectory == 0)
                Linux.Call(MakeDirectory, ref Name(path, number, isDirectory: true), 0x1FF, 0, 0, 0, 0);
            long file = Linux.Call(OpenNumber, ref Name(path, number), Create, 0x1B6, 0, 0, 0);
            one[0] = (byte)number;
            if (file < 0 || Linux.Call(Pwrite, file, ref one[0], 1, 0, 0, 0) != 1)
                return file < 0 ? file : -number;
            Linux.Call(CloseNumber, file);
        }

        return files;
    }

    // One mapping at a time, spread over all files.
    private static long MapEach(long files, long count)
    {
        Span<byte> path = stackalloc byte[24];
        for (long index = 0; index < count; index++)
        {
            long number = index * (files / count);
            long file = Linux.Call(OpenNumber, ref Name(path, number), ReadWrite, 0, 0, 0, 0);
            long address = file < 0 ? file : Linux.Call(MmapNumber, 0, Page, 3, 1, file, 0);
            if (address is < 0 and > -4096)
                return address;
            ref byte first = ref Linux.MemoryAt(address);
            if (first != (byte)number)
                return -number;
            first = (byte)(number + 1);
            Linux.Call(MunmapNumber, address, Page);
            Linux.Call(CloseNumber, file);
        }

        return count;
    }

    private static long ReadEach(long files, long count)
    {
        Span<byte> one = stackalloc byte[1];
        Span<byte> path = stackalloc byte[24];
        for (long number = 0; number < files; number++)
        {
            long file = Linux.Call(OpenNumber, ref Name(path, number), 0, 0, 0, 0, 0);
            if (file < 0 || Linux.Call(Pread, file, ref one[0], 1, 0, 0, 0) != 1)
                return file < 0 ? file : -number;
            bool wasMapped = number % (files / count) == 0 && number / (files / count) < count;
            if (one[0] != (byte)(wasMapped ? number + 1 : number))
                return -number;
            Linux.Call(CloseNumber, file);
        }

        return files;
    }

    // "/m/NNNNN" or "/m/NNNNN/NNNNNNN", with a NUL.
    private static ref byte Name(Span<byte> path, long number, bool isDirectory = false)
    {
        "/m/"u8.CopyTo(path);
        Digits(path.Slice(3, 5), number / EachDirectory);
        path[8] = isDirectory ? (byte)0 : (byte)'/';
        Digits(path.Slice(9, 7), number);
        path[16] = 0;
        return ref MemoryMarshal.GetReference(path);
    }

    private static void Digits(Span<byte> to, long value)
    {
        for (int at = to.Length - 1; at >= 0; at--, value /= 10)
            to[at] = (byte)('0' + value % 10);
    }

    private static long Argument(ulong arguments, int index)
    {
        long address = 0;
        for (int at = 7; at >= 0; at--)
            address = (address << 8) | Linux.MemoryAt((long)arguments + index * 8 + at);
        return address;
    }

    private static long Parse(long text)
    {
        long value = 0;
        for (; Linux.MemoryAt(text) is >= (byte)'0' and <= (byte)'9'; text++)
            value = value * 10 + Linux.MemoryAt(text) - '0';
        return value;
    }
}
