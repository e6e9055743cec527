using System;
using System.Runtime.InteropServices;
using Bare;

namespace NameChecks;

/// <summary>The calls that these checks make. Paths are literals, which end with a zero byte.</summary>
internal static class Sys
{
    public const long Stat = 4, LinkStat = 6, Access = 21, Rename = 82, MakeDirectory = 83, RemoveDirectory = 84, Unlink = 87, ReadLink = 89, ChangeMode = 90,
        ChangeDirectory = 80, ChangeRoot = 161, SymbolicLink = 88, HardLink = 86, SetUser = 105, Truncate = 76;

    private const long Fork = 57, Wait4 = 61, Open = 2, Close = 3, WriteNumber = 1, Mmap = 9, Yield = 24, CreateAndWrite = 0x41, RenameAt = 316;

    // Results of stat and readlink, and what processes share: a page each.
    private static long results, shared;

    /// <summary>Pages for results (private) and for counters (shared with children).</summary>
    public static void Begin()
    {
        results = Linux.Call(Mmap, 0, 4096, 3, 0x22, -1);
        shared = Linux.Call(Mmap, 0, 4096, 3, 0x21, -1);
    }

    /// <summary>A counter that all processes see.</summary>
    public static ref long Shared(int index) => ref MemoryMarshal.Cast<byte, long>(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(shared), 4096))[index];

    /// <summary>A call with a path and numbers.</summary>
    public static long Path(long call, ReadOnlySpan<byte> path, long a1 = 0, long a2 = 0) =>
        Linux.Call(call, ref MemoryMarshal.GetReference(path), a1, a2, 0, 0, 0);

    /// <summary>A call with two paths.</summary>
    public static long Two(long call, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        second.CopyTo(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + 2048), 1024));
        Linux.MemoryAt(results + 2048 + second.Length) = 0;
        return Path(call, first, results + 2048);
    }

    /// <summary>stat or lstat: 0 or an error; fields of what was found.</summary>
    public static long Look(long call, ReadOnlySpan<byte> path, out long mode, out long size)
    {
        long result = Path(call, path, results);
        mode = Field(24) & 0xFFFF;
        size = Field(48);
        return result;
    }

    /// <summary>stat's links and inode.</summary>
    public static long Links => Field(16);

    /// <summary>readlink: its result and the text.</summary>
    public static long Text(ReadOnlySpan<byte> path, Span<byte> text)
    {
        long length = Path(ReadLink, path, results, text.Length);
        if (length > 0)
            MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results), (int)length).CopyTo(text);
        return length;
    }

    /// <summary>Makes a file with so many bytes, or adds them to it.</summary>
    public static long Append(ReadOnlySpan<byte> path, int bytes)
    {
        const long append = 0x400;
        long file = Path(Open, path, CreateAndWrite | append, 0x1A4);
        if (file < 0)
            return file;
        long result = Linux.Call(WriteNumber, file, results, bytes);
        Linux.Call(Close, file);
        return result;
    }

    /// <summary>Swaps two names.</summary>
    public static long Exchange(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        const long here = -100, exchange = 2;
        first.CopyTo(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + 1024), 512));
        Linux.MemoryAt(results + 1024 + first.Length) = 0;
        second.CopyTo(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + 2048), 512));
        Linux.MemoryAt(results + 2048 + second.Length) = 0;
        return Linux.Call(RenameAt, here, results + 1024, here, results + 2048, exchange);
    }

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

    private static long Field(int offset) => MemoryMarshal.Read<long>(MemoryMarshal.CreateSpan(ref Linux.MemoryAt(results + offset), 8));
}
