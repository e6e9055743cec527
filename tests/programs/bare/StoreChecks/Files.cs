using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Bare;

namespace StoreChecks;

/// <summary>The Linux calls of the checks, by the numbers of asm/unistd_64.h, and memory by its address. Paths are addresses.</summary>
internal static class Files
{
    public const long Page = 4096, Shared = 1, Private = 2, Existing = 2, Create = 0x42, Truncated = 0x242;
    private const long OpenNumber = 2, CloseNumber = 3, FstatNumber = 5, MmapNumber = 9, MunmapNumber = 11, Pread = 17, Pwrite = 18, RemapNumber = 25,
        MsyncNumber = 26, SleepNumber = 35, ForkNumber = 57, WaitNumber = 61, KillNumber = 62, FsyncNumber = 74, TruncateNumber = 77, SyncNumber = 162;

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "memory_at")]
    public static extern ref ulong Word(long address);

    public static long Open(long path, long flags) => Linux.Call(OpenNumber, path, flags, 0x1B6);

    public static void Close(long file) => Linux.Call(CloseNumber, file);

    public static long Truncate(long file, long length) => Linux.Call(TruncateNumber, file, length);

    public static long Map(long file, long pages, long flags = Shared) => Linux.Call(MmapNumber, 0, pages * Page, 3, flags, file, 0);

    public static void Unmap(long address, long pages) => Linux.Call(MunmapNumber, address, pages * Page);

    /// <summary>Moves a mapping to another place: mremap(2), MREMAP_MAYMOVE | MREMAP_FIXED.</summary>
    public static long Remap(long address, long pages)
    {
        long target = Linux.Call(MmapNumber, 0, pages * Page, 3, 0x22, -1); // private and anonymous
        return Linux.Call(RemapNumber, address, pages * Page, pages * Page, 3, target);
    }

    public static long Msync(long address, long pages) => Linux.Call(MsyncNumber, address, pages * Page, 4);

    public static long Fsync(long file) => Linux.Call(FsyncNumber, file);

    public static void Sync() => Linux.Call(SyncNumber);

    /// <summary>A word of a file, or −errno, or −1000 beyond the end.</summary>
    public static long Read(long file, long offset)
    {
        Span<long> one = stackalloc long[1];
        long result = Linux.Call(Pread, file, ref MemoryMarshal.AsBytes(one)[0], sizeof(long), offset, 0, 0);
        return result == sizeof(long) ? one[0] : result < 0 ? result : -1000;
    }

    public static long Write(long file, long offset, long value)
    {
        Span<long> one = [value];
        return Linux.Call(Pwrite, file, ref MemoryMarshal.AsBytes(one)[0], sizeof(long), offset, 0, 0);
    }

    /// <summary>st_mtim in nanoseconds.</summary>
    public static long ModifyTime(long file)
    {
        Span<long> stat = stackalloc long[18];
        Linux.Call(FstatNumber, file, ref MemoryMarshal.AsBytes(stat)[0], 0, 0, 0, 0);
        return stat[11] * 1_000_000_000 + stat[12];
    }

    /// <summary>st_ino.</summary>
    public static long Inode(long file)
    {
        Span<long> stat = stackalloc long[18];
        Linux.Call(FstatNumber, file, ref MemoryMarshal.AsBytes(stat)[0], 0, 0, 0, 0);
        return stat[1];
    }

    public static long Load(long address) => (long)Volatile.Read(ref Word(address));

    public static void Store(long address, long value) => Volatile.Write(ref Word(address), (ulong)value);

    public static long Fork() => Linux.Call(ForkNumber);

    public static void Kill(long process) => Linux.Call(KillNumber, process, 9);

    /// <summary>Wait status without "core dumped".</summary>
    public static long Wait(long process)
    {
        Span<int> status = stackalloc int[1];
        Linux.Call(WaitNumber, process, ref MemoryMarshal.AsBytes(status)[0], 0, 0, 0, 0);
        return status[0] & 0xFF7F;
    }

    /// <summary>What becomes of a child that loads, and stores if wanted: its wait status, 7 for SIGBUS.</summary>
    public static long Try(long address, bool store = false)
    {
        long child = Fork();
        if (child != 0)
            return Wait(child);
        long value = Load(address);
        if (store)
            Store(address, value + 1);
        Linux.Exit(0);
        return 0;
    }

    public static void Sleep(int milliseconds)
    {
        Span<long> time = [milliseconds / 1000, milliseconds % 1000 * 1_000_000L];
        Linux.Call(SleepNumber, ref MemoryMarshal.AsBytes(time)[0], 0, 0, 0, 0, 0);
    }
}
