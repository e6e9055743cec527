using Bare;
using ConnectionChecks;

namespace StreamChecks;

/// <summary>Pipes that have been used so much that they are mapped, and what is read from and written to them: counts or −errno.</summary>
internal static class Streams
{
    public const int PageLength = 4096, Capacity = 65536, Broken = -32, Again = -11, BadAddress = -14, BrokenPipe = 13; // SIGPIPE

    private const long NumberOfRead = 0, NumberOfWrite = 1, NumberOfMmap = 9, NumberOfReadv = 19, NumberOfWritev = 20, NumberOfPipe = 293, NumberOfAction = 13;
    private const int Uses = 40, EndsAt = 3600, VectorAt = 3700;

    /// <summary>A pipe.</summary>
    public static void Create(out int read, out int write, int flags = 0)
    {
        Linux.Call(NumberOfPipe, Sys.At(EndsAt), flags);
        read = Sys.Half(Sys.At(EndsAt));
        write = Sys.Half(Sys.At(EndsAt + 4));
    }

    /// <summary>A pipe that this process has used a lot, by both ends.</summary>
    public static void CreateUsed(out int read, out int write, int flags = 0)
    {
        Create(out read, out write, flags);
        Use(read, write);
    }

    /// <summary>A pipe that this process has used a lot, or one that it has not.</summary>
    public static void Create(bool isUsed, out int read, out int write, int flags = 0)
    {
        if (isUsed)
            CreateUsed(out read, out write, flags);
        else
            Create(out read, out write, flags);
    }

    /// <summary>Closes both ends.</summary>
    public static void Close(int read, int write)
    {
        Sys.Close(read);
        Sys.Close(write);
    }

    /// <summary>Moves a byte, many times.</summary>
    public static void Use(int read, int write)
    {
        for (int round = 0; round < Uses; round++)
        {
            Sys.Write(write, "u"u8);
            Sys.Read(read, 1);
        }
    }

    /// <summary>Fresh memory.</summary>
    public static long Memory(int length) => Linux.Call(NumberOfMmap, 0, length, 3, 0x22, -1);

    public static long Read(int descriptor, long address, int length) => Linux.Call(NumberOfRead, descriptor, address, length);

    public static long Write(int descriptor, long address, int length) => Linux.Call(NumberOfWrite, descriptor, address, length);

    /// <summary>readv(2) or writev(2) with two buffers.</summary>
    public static long Vectored(int descriptor, bool write, long first, int firstLength, long second, int secondLength)
    {
        Sys.Word(Sys.At(VectorAt)) = (ulong)first;
        Sys.Word(Sys.At(VectorAt + 8)) = (ulong)firstLength;
        Sys.Word(Sys.At(VectorAt + 16)) = (ulong)second;
        Sys.Word(Sys.At(VectorAt + 24)) = (ulong)secondLength;
        return Linux.Call(write ? NumberOfWritev : NumberOfReadv, descriptor, Sys.At(VectorAt), 2);
    }

    /// <summary>What poll(2) finds of one descriptor.</summary>
    public static int Ready(int descriptor, short events, int milliseconds = 0)
    {
        Sys.Want(0, descriptor, events);
        int count = Sys.Poll(1, milliseconds);
        return count < 0 ? count : count * 100 + Sys.Found(0);
    }

    /// <summary>Ignores a signal, or not any more.</summary>
    public static void Ignore(int signal, bool ignores)
    {
        for (int offset = 0; offset < 32; offset += 8)
            Sys.Word(Sys.At(VectorAt + offset)) = 0;
        Sys.Word(Sys.At(VectorAt)) = ignores ? 1ul : 0;
        Linux.Call(NumberOfAction, signal, Sys.At(VectorAt), 0, 8);
    }
}
