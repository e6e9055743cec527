using Bare;
using ConnectionChecks;

namespace EventChecks;

/// <summary>eventfd(2), and what is read from and written to one: values, counts or −errno.</summary>
internal static class Events
{
    public const int Semaphore = 1, NonBlock = 0x800, CloseOnExec = 0x80000;
    public const ulong Highest = ulong.MaxValue - 1;

    private const long NumberOfRead = 0, NumberOfWrite = 1, NumberOfPread = 17, NumberOfReadv = 19, NumberOfWritev = 20, NumberOfSeek = 8,
        NumberOfEventfd = 290;

    // Behind what Sys uses of its page.
    private const int ValueAt = 3000, VectorAt = 3200;

    public static int Create(uint first, int flags) => (int)Linux.Call(NumberOfEventfd, first, flags);

    /// <summary>write(2) of a value: the count or −errno.</summary>
    public static long Add(int counter, ulong value, int length = 8)
    {
        Sys.Word(Sys.At(ValueAt)) = value;
        return Linux.Call(NumberOfWrite, counter, Sys.At(ValueAt), length);
    }

    /// <summary>read(2): the value, if 8 bytes came.</summary>
    public static long Take(int counter, int length = 8)
    {
        Sys.Word(Sys.At(ValueAt)) = 0xAAAA;
        long result = Linux.Call(NumberOfRead, counter, Sys.At(ValueAt), length);
        return result == 8 ? (long)Sys.Word(Sys.At(ValueAt)) : result < 0 ? result : -1000 - result;
    }

    public static long ReadTo(int counter, long address) => Linux.Call(NumberOfRead, counter, address, 8);

    public static long WriteFrom(int counter, long address) => Linux.Call(NumberOfWrite, counter, address, 8);

    public static long TakeAt(int counter, long offset) => Linux.Call(NumberOfPread, counter, Sys.At(ValueAt), 8, offset);

    public static long Seek(int counter) => Linux.Call(NumberOfSeek, counter, 0, 1);

    /// <summary>readv(2) or writev(2) with two buffers of a value each, cut to these lengths.</summary>
    public static long Vectored(int counter, bool write, ulong first, int firstLength, ulong second, int secondLength)
    {
        Sys.Word(Sys.At(ValueAt)) = first;
        Sys.Word(Sys.At(ValueAt + firstLength)) = second;
        Sys.Word(Sys.At(VectorAt)) = (ulong)Sys.At(ValueAt);
        Sys.Word(Sys.At(VectorAt + 8)) = (ulong)firstLength;
        Sys.Word(Sys.At(VectorAt + 16)) = (ulong)Sys.At(ValueAt + firstLength);
        Sys.Word(Sys.At(VectorAt + 24)) = (ulong)secondLength;
        long result = Linux.Call(write ? NumberOfWritev : NumberOfReadv, counter, Sys.At(VectorAt), 2);
        return write || result != 8 ? result : (long)Sys.Word(Sys.At(ValueAt));
    }

    /// <summary>What poll(2) finds of one descriptor without waiting.</summary>
    public static int Ready(int counter, int milliseconds = 0)
    {
        Sys.Want(0, counter, (short)(Sys.In | Sys.Out));
        int count = Sys.Poll(1, milliseconds);
        return count < 0 ? count : count * 100 + Sys.Found(0);
    }
}
