using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Bare;

namespace CallCosts;

/// <summary>The Linux calls that are measured, by the numbers of asm/unistd_64.h. Paths end with a NUL; memory is named by its address.</summary>
internal static class Calls
{
    private const long ReadNumber = 0, WriteNumber = 1, Open = 2, CloseNumber = 3, StatNumber = 4, FstatNumber = 5, Mmap = 9, Munmap = 11, Pread = 17,
        Pwrite = 18;
    private const long PipeNumber = 22, ForkNumber = 57, Execve = 59, WaitNumber = 61, TruncateNumber = 77, UnlinkNumber = 87, Getppid = 110;
    private const long ClockGetTime = 228;
    private const long PollNumber = 7, EpollWaitNumber = 232, EpollControl = 233, EventNumber = 290, EpollCreate = 291;
    private const int ForAll = 0x1B6;

    // Made when they are measured first, so that what is measured before does not pay for them.
    private static long structures, counter, ready, epoll;

    // A pollfd, eight bytes that are 1 at 16, an epoll_event at 32.
    private static long Structures
    {
        get
        {
            if (structures != 0)
                return structures;
            structures = Map(4096, 3, 0x22, -1);
            Linux.MemoryAt(structures + 4) = 1;
            Linux.MemoryAt(structures + 16) = 1;
            Linux.MemoryAt(structures + 32) = 1;
            counter = Linux.Call(EventNumber, 0, 0);
            ready = Linux.Call(EventNumber, 1, 0);
            Linux.MemoryAt(structures) = (byte)ready;
            epoll = Linux.Call(EpollCreate, 0);
            Linux.Call(EpollControl, epoll, 1, ready, structures + 32);
            Write(ready, structures + 16, 8);
            Write(ready, structures + 16, 8);
            return structures;
        }
    }

    /// <summary>Nanoseconds of CLOCK_MONOTONIC: instructions, where one takes one nanosecond.</summary>
    public static long Now()
    {
        Span<long> time = stackalloc long[2];
        Linux.Call(ClockGetTime, 1, ref MemoryMarshal.AsBytes(time)[0], 0, 0, 0, 0);
        return time[0] * 1_000_000_000 + time[1];
    }

    public static void ParentId() => Linux.Call(Getppid);

    public static long OpenFile(ReadOnlySpan<byte> path, long flags) => Linux.Call(Open, ref MemoryMarshal.GetReference(path), flags, ForAll, 0, 0, 0);

    public static void Close(long descriptor) => Linux.Call(CloseNumber, descriptor);

    public static void Unlink(ReadOnlySpan<byte> path) => Linux.Call(UnlinkNumber, ref MemoryMarshal.GetReference(path), 0, 0, 0, 0, 0);

    public static void Stat(ReadOnlySpan<byte> path, long buffer) => Linux.Call(StatNumber, ref MemoryMarshal.GetReference(path), buffer, 0, 0, 0, 0);

    public static void Fstat(long descriptor, long buffer) => Linux.Call(FstatNumber, descriptor, buffer);

    public static void Read(long descriptor, long buffer, long length) => Linux.Call(ReadNumber, descriptor, buffer, length);

    public static void Write(long descriptor, long buffer, long length) => Linux.Call(WriteNumber, descriptor, buffer, length);

    public static void ReadAt(long descriptor, long buffer, long length, long offset) => Linux.Call(Pread, descriptor, buffer, length, offset);

    public static void WriteAt(long descriptor, long buffer, long length, long offset) => Linux.Call(Pwrite, descriptor, buffer, length, offset);

    public static void Truncate(long descriptor, long length) => Linux.Call(TruncateNumber, descriptor, length);

    public static long Map(long length, long protection, long flags, long descriptor) => Linux.Call(Mmap, 0, length, protection, flags, descriptor);

    public static void Unmap(long address, long length) => Linux.Call(Munmap, address, length);

    /// <summary>Reads a byte of memory.</summary>
    public static void Touch(long address) => Volatile.Read(ref Linux.MemoryAt(address));

    /// <summary>Writes a byte of memory.</summary>
    public static void Fill(long address) => Volatile.Write(ref Linux.MemoryAt(address), 1);

    /// <summary>The two ends of a new pipe.</summary>
    public static void Pipe(out int read, out int write)
    {
        Span<int> ends = stackalloc int[2];
        Linux.Call(PipeNumber, ref MemoryMarshal.AsBytes(ends)[0], 0, 0, 0, 0, 0);
        read = ends[0];
        write = ends[1];
    }

    /// <summary>Adds one to an eventfd(2), and takes it.</summary>
    public static void ThroughCounter(long buffer)
    {
        long one = Structures + 16;
        Write(counter, one, 8);
        Read(counter, buffer, 8);
    }

    /// <summary>poll(2) of one that is ready.</summary>
    public static void PollCounter() => Linux.Call(PollNumber, Structures, 1, -1);

    /// <summary>epoll_wait(2) of that.</summary>
    public static void EpollCounter(long events)
    {
        if (Structures != 0)
            Linux.Call(EpollWaitNumber, epoll, events, 1, -1);
    }

    public static long Fork() => Linux.Call(ForkNumber);

    public static void Execute(ReadOnlySpan<byte> path, ulong arguments) =>
        Linux.Call(Execve, ref MemoryMarshal.GetReference(path), (long)arguments, 0, 0, 0, 0);

    public static void Wait(long pid) => Linux.Call(WaitNumber, pid);
}
