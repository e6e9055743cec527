using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Bare;

namespace ConnectionChecks;

/// <summary>The system calls of these checks; results are values or −errno. Structures lie in a page of scratch memory, by their offset there.</summary>
internal static class Sys
{
    public const int ReadWrite = 2, NonBlock = 0x800, CloseOnExec = 0x80000;
    public const short In = 1, Out = 4, Error = 8, HangUp = 16;

    private const long NumberOfRead = 0, NumberOfWrite = 1, NumberOfOpen = 2, NumberOfClose = 3, NumberOfPoll = 7, NumberOfMmap = 9, NumberOfControl = 16,
        NumberOfPipe = 22, NumberOfDup = 32, NumberOfSleep = 35, NumberOfPid = 39, NumberOfFork = 57, NumberOfExecute = 59, NumberOfWait = 61,
        NumberOfKill = 62, NumberOfFcntl = 72, NumberOfSetUser = 117, NumberOfSetGroup = 119,
        NumberOfTime = 228, NumberOfEpollWait = 232, NumberOfEpollControl = 233, NumberOfEpollCreate = 291;
    private const int PageLength = 4096, BufferAt = 2048;

    private static long scratch;

    /// <summary>Address in the scratch page.</summary>
    public static long At(int offset)
    {
        if (scratch == 0)
            scratch = Linux.Call(NumberOfMmap, 0, PageLength, 3, 0x22, -1);
        return scratch + offset;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "memory_at")]
    public static extern ref ulong Word(long address);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "memory_at")]
    public static extern ref int Half(long address);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallFirst(long number, ref byte a0, long a1, long a2, long a3, long a4, long a5);

    public static int Open(ReadOnlySpan<byte> path, int flags) => (int)CallFirst(NumberOfOpen, ref MemoryMarshal.GetReference(path), flags, 0, 0, 0, 0);

    public static int Open(long path, int flags) => (int)Linux.Call(NumberOfOpen, path, flags);

    public static long Close(int descriptor) => Linux.Call(NumberOfClose, descriptor);

    public static int Duplicate(int descriptor) => (int)Linux.Call(NumberOfDup, descriptor);

    public static long Write(int descriptor, ReadOnlySpan<byte> bytes) => Linux.Write(descriptor, bytes);

    /// <summary>Reads at most as many bytes; what came is a number with the first byte lowest, and the count in the third decimal place.</summary>
    public static long Read(int descriptor, int most)
    {
        Word(At(BufferAt)) = 0;
        long count = Linux.Call(NumberOfRead, descriptor, At(BufferAt), most);
        return count < 0 ? count : count * 1000 + (byte)Word(At(BufferAt));
    }

    public static long Fcntl(int descriptor, int command, long argument) => Linux.Call(NumberOfFcntl, descriptor, command, argument);

    /// <summary>ioctl(2) with an int, whose value comes back.</summary>
    public static long Control(int descriptor, uint request, int value)
    {
        Word(At(BufferAt)) = (ulong)value;
        long result = Linux.Call(NumberOfControl, descriptor, request, At(BufferAt));
        return result < 0 ? result : Half(At(BufferAt));
    }

    public static long ControlValue(int descriptor, uint request, long value) => Linux.Call(NumberOfControl, descriptor, request, value);

    /// <summary>The n-th word that the last ioctl(2) left.</summary>
    public static int ControlWord(int index) => Half(At(BufferAt + index * sizeof(int)));

    public static void Pipe(out int read, out int write)
    {
        Linux.Call(NumberOfPipe, At(BufferAt));
        read = Half(At(BufferAt));
        write = Half(At(BufferAt + 4));
    }

    public static int Fork() => (int)Linux.Call(NumberOfFork);

    public static int Pid() => (int)Linux.Call(NumberOfPid);

    /// <summary>waitpid(2): the exit status, or the signal with 1000 added.</summary>
    public static int Wait(int pid)
    {
        Linux.Call(NumberOfWait, pid, At(BufferAt));
        int status = Half(At(BufferAt));
        return (status & 0x7F) == 0 ? status >> 8 & 0xFF : 1000 + (status & 0x7F);
    }

    public static void Kill(int pid) => Linux.Call(NumberOfKill, pid, 9);

    public static void Sleep(int milliseconds)
    {
        Word(At(BufferAt)) = (ulong)(milliseconds / 1000);
        Word(At(BufferAt + 8)) = (ulong)(milliseconds % 1000) * 1_000_000;
        Linux.Call(NumberOfSleep, At(BufferAt));
    }

    /// <summary>An entry of the next poll(2).</summary>
    public static void Want(int index, int descriptor, short events) => Word(At(index * 8)) = (uint)descriptor | (ulong)(ushort)events << 32;

    public static int Poll(int count, int milliseconds) => (int)Linux.Call(NumberOfPoll, At(0), count, milliseconds);

    /// <summary>What the last poll(2) found of an entry.</summary>
    public static int Found(int index) => (int)(Word(At(index * 8)) >> 48);

    public static int EpollCreate() => (int)Linux.Call(NumberOfEpollCreate, 0);

    public static long EpollControl(int epoll, int operation, int descriptor, uint events)
    {
        Half(At(0)) = (int)events;
        Half(At(4)) = descriptor;
        Half(At(8)) = 0;
        return Linux.Call(NumberOfEpollControl, epoll, operation, descriptor, At(0));
    }

    /// <summary>epoll_wait(2): how many; <see cref="EpollFound"/> has what.</summary>
    public static int EpollWait(int epoll, int milliseconds, int most = 8) => (int)Linux.Call(NumberOfEpollWait, epoll, At(0), most, milliseconds);

    /// <summary>Events found of a descriptor by the last epoll_wait(2), among so many; 0: none.</summary>
    public static int EpollFound(int count, int descriptor)
    {
        for (int index = 0; index < count; index++)
        {
            if (Half(At(index * 12 + 4)) == descriptor)
                return Half(At(index * 12));
        }

        return 0;
    }

    /// <summary>Nanoseconds of CLOCK_MONOTONIC.</summary>
    public static long Now()
    {
        Linux.Call(NumberOfTime, 1, At(BufferAt));
        return (long)Word(At(BufferAt)) * 1_000_000_000 + (long)Word(At(BufferAt + 8));
    }

    public static long Become(int id)
    {
        Linux.Call(NumberOfSetGroup, id, id, id);
        return Linux.Call(NumberOfSetUser, id, id, id);
    }

    /// <summary>execve(2) of /bin/true.</summary>
    public static void ExecuteTrue()
    {
        System.ReadOnlySpan<byte> name = "/bin/true\0"u8;
        for (int index = 0; index < name.Length; index++)
            Linux.MemoryAt(At(BufferAt + index)) = name[index];
        Execute(At(BufferAt), At(BufferAt));
    }

    /// <summary>execve(2) of a program with an argument, twice; addresses of text.</summary>
    public static void Execute(long program, long argument)
    {
        Word(At(0)) = (ulong)program;
        Word(At(8)) = (ulong)argument;
        Word(At(16)) = (ulong)argument;
        Word(At(24)) = 0;
        Linux.Call(NumberOfExecute, program, At(0), At(24));
    }
}
