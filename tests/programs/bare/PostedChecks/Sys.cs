using System;
using System.Runtime.InteropServices;
using Bare;

namespace PostedChecks;

/// <summary>The calls that these checks make. Paths are literals, which end with a zero byte.</summary>
internal static class Sys
{
    public const long MakeDirectory = 83, RemoveDirectory = 84, Unlink = 87, ChangeMode = 90, SymbolicLink = 88, HardLink = 86, Rename = 82, SetUser = 105,
        UnmountNumber = 166, ChangeDirectory = 80, ChangeOwner = 92;

    public const long NonBlock = 0x800, Directory = 0x10000, NoFollow = 0x20000, CloseOnExec = 0x80000, ReadWrite = 2, WriteOnly = 1, CreateNew = 0x40,
        Exclusive = 0x80, Truncate = 0x200, PathOnly = 0x200000;

    private const long ReadNumber = 0, WriteNumber = 1, OpenNumber = 2, CloseNumber = 3, FstatNumber = 5, Mmap = 9, Yield = 24, Dup = 32, Dup2 = 33, Fork = 57,
        Wait4 = 61, Fcntl = 72, Flock = 73, GetDents = 217, ReadLinkNumber = 89, MountNumber = 165, LimitNumber = 160, PreadNumber = 17;

    // Results, texts, and what processes share: a page each.
    private static long results, shared;

    /// <summary>Pages for results (private) and for counters (shared with children).</summary>
    public static void Begin()
    {
        results = Linux.Call(Mmap, 0, 8192, 3, 0x22, -1);
        shared = Linux.Call(Mmap, 0, 4096, 3, 0x21, -1);
    }

    /// <summary>A counter that all processes see.</summary>
    public static ref long Shared(int index) => ref MemoryMarshal.Cast<byte, long>(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(shared), 4096))[index];

    /// <summary>A call with a path and numbers.</summary>
    public static long Path(long call, ReadOnlySpan<byte> path, long a1 = 0, long a2 = 0) =>
        Linux.Call(call, ref MemoryMarshal.GetReference(path), a1, a2, 0, 0, 0);

    /// <summary>A call with two paths.</summary>
    public static long Two(long call, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Path(call, first, Keep(4096, second));

    /// <summary>open.</summary>
    public static long Open(ReadOnlySpan<byte> path, long flags = 0, long mode = 0x1A4) => Path(OpenNumber, path, flags, mode);

    /// <summary>close.</summary>
    public static long Close(long file) => Linux.Call(CloseNumber, file);

    /// <summary>The first byte at the offset, −1 at the end, or an error below −1.</summary>
    public static long Read(long file)
    {
        long count = Linux.Call(ReadNumber, file, results, 1);
        return count == 1 ? Linux.MemoryAt(results) : count - 1;
    }

    /// <summary>A number at the beginning of a file, or an error.</summary>
    public static long ReadNumberOf(long file)
    {
        long count = Linux.Call(PreadNumber, file, results, 8, 0);
        return count == 8 ? MemoryMarshal.Read<long>(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results), 8)) : count < 0 ? count : -1000;
    }

    /// <summary>Makes a file that holds a number.</summary>
    public static long Make(ReadOnlySpan<byte> path, long number, long mode = 0x1A4, long flags = WriteOnly | CreateNew | Truncate)
    {
        long file = Open(path, flags, mode);
        if (file < 0)
            return file;
        MemoryMarshal.Write(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results), 8), number);
        long result = Linux.Call(WriteNumber, file, results, 8);
        Close(file);
        return result - 8;
    }

    /// <summary>fstat: 0 or an error; mode, links and length.</summary>
    public static long Look(long file, out long mode, out long links, out long size)
    {
        long result = Linux.Call(FstatNumber, file, results);
        (mode, links, size) = (Field(24) & 0xFFFF, Field(16), Field(48));
        return result;
    }

    /// <summary>What a descriptor is a link to in /proc.</summary>
    public static long NameOf(long file, Span<byte> text)
    {
        ReadOnlySpan<byte> directory = "/proc/self/fd/"u8;
        directory.CopyTo(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + 4096), 64));
        Linux.MemoryAt(results + 4096 + directory.Length) = (byte)('0' + file % 10);
        Linux.MemoryAt(results + 4096 + directory.Length + 1) = 0;
        long length = Linux.Call(ReadLinkNumber, results + 4096, results, text.Length);
        if (length > 0)
            MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results), (int)length).CopyTo(text);
        return length;
    }

    /// <summary>Bytes of the entries of a directory.</summary>
    public static long List(long directory) => Linux.Call(GetDents, directory, results, 4096);

    /// <summary>dup.</summary>
    public static long Duplicate(long file) => Linux.Call(Dup, file);

    /// <summary>dup2.</summary>
    public static long DuplicateTo(long file, long number) => Linux.Call(Dup2, file, number);

    /// <summary>F_GETFL without O_LARGEFILE, which is not shown everywhere.</summary>
    public static long Flags(long file)
    {
        const long getFlags = 3, largeFile = 0x8000;
        long flags = Linux.Call(Fcntl, file, getFlags);
        return flags < 0 ? flags : flags & ~largeFile;
    }

    /// <summary>F_GETFD.</summary>
    public static long DescriptorFlags(long file) => Linux.Call(Fcntl, file, 1);

    /// <summary>F_SETLK or F_SETLKW of the whole file: to write, or to unlock it.</summary>
    public static long RecordLock(long file, bool waits, bool unlocks = false)
    {
        const long set = 6, setWait = 7;
        Span<byte> flock = MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + 6000), 32);
        flock.Clear();
        flock[0] = (byte)(unlocks ? 2 : 1);
        return Linux.Call(Fcntl, file, waits ? setWait : set, results + 6000);
    }

    /// <summary>flock.</summary>
    public static long Lock(long file, long operation) => Linux.Call(Flock, file, operation);

    /// <summary>Mounts a tmpfs.</summary>
    public static long Mount(ReadOnlySpan<byte> path) =>
        Linux.Call(MountNumber, Keep(6100, "tmpfs"u8), Keep(4096, path), Keep(6100, "tmpfs"u8), 0, 0);

    /// <summary>umount.</summary>
    public static long Unmount(ReadOnlySpan<byte> path) => Path(UnmountNumber, path);

    /// <summary>RLIMIT_NOFILE.</summary>
    public static long LimitFiles(long most)
    {
        const long files = 7;
        Span<byte> limits = MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + 6000), 16);
        MemoryMarshal.Write(limits, most);
        MemoryMarshal.Write(limits[8..], 1024L);
        return Linux.Call(LimitNumber, files, results + 6000);
    }

    /// <summary>execve with one argument and no environment: an error, or nothing.</summary>
    public static long Execute(ReadOnlySpan<byte> path, ReadOnlySpan<byte> argument)
    {
        const long execute = 59;
        Span<long> pointers = MemoryMarshal.Cast<byte, long>(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + 7168), 32));
        pointers[0] = Keep(4096, path);
        pointers[1] = Keep(6100, argument);
        pointers[2] = 0;
        return Linux.Call(execute, pointers[0], results + 7168, results + 7168 + 16);
    }

    /// <summary>Of the first argument behind the program's name.</summary>
    public static byte FirstLetter(ulong arguments) =>
        Linux.MemoryAt(MemoryMarshal.Read<long>(MemoryMarshal.CreateSpan(ref Linux.MemoryAt((long)arguments + sizeof(long)), sizeof(long))));

    /// <summary>Number of names, by a path, or an error.</summary>
    public static long Links(ReadOnlySpan<byte> path) => Stat(path) is var result && result < 0 ? result : Field(16);

    /// <summary>Type and permission bits, by a path, or an error.</summary>
    public static long ModeOf(ReadOnlySpan<byte> path) => Stat(path) is var result && result < 0 ? result : Field(24) & 0xFFFF;

    /// <summary>Nanoseconds since 1970 of the last change of the content, by a path.</summary>
    public static long ModifyTime(ReadOnlySpan<byte> path) => Stat(path) is var result && result < 0 ? result : Field(88) * 1_000_000_000 + Field(96);

    /// <summary>Nanoseconds since 1970.</summary>
    public static long WallTime()
    {
        const long clockGetTime = 228;
        Linux.Call(clockGetTime, 0, results + 6000);
        return Field(6000) * 1_000_000_000 + Field(6008);
    }

    /// <summary>nanosleep, below a second.</summary>
    public static void Sleep(long nanoseconds)
    {
        const long nanosleep = 35;
        Span<byte> time = MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + 6000), 16);
        MemoryMarshal.Write(time, 0L);
        MemoryMarshal.Write(time[8..], nanoseconds);
        Linux.Call(nanosleep, results + 6000, 0);
    }

    /// <summary>umask.</summary>
    public static void Mask(long mask) => Linux.Call(95, mask);

    /// <summary>SIGKILL.</summary>
    public static void Kill(long process) => Linux.Call(62, process, 9);

    private static long Stat(ReadOnlySpan<byte> path) => Path(4, path, results);

    /// <summary>fork.</summary>
    public static long Child() => Linux.Call(Fork);

    /// <summary>wait: the status.</summary>
    public static long Wait()
    {
        Span<byte> status = stackalloc byte[4];
        Linux.Call(Wait4, -1, ref status[0], 0, 0, 0, 0);
        return MemoryMarshal.Read<int>(status);
    }

    /// <summary>sched_yield.</summary>
    public static void GiveWay() => Linux.Call(Yield);

    private static long Keep(long at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + at), 512));
        Linux.MemoryAt(results + at + text.Length) = 0;
        return results + at;
    }

    private static long Field(int offset) => MemoryMarshal.Read<long>(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + offset), 8));
}
