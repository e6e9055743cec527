using System;

namespace PersonalityTests;

/// <summary>mmap and relatives.</summary>
internal static unsafe class MemoryTests
{
    private const ulong NoFd = ulong.MaxValue;

    private static long MapAt(ulong address, ulong length, ulong protection, ulong flags) => Linux.Call(9, address, length, protection, flags, NoFd, 0);

    public static void Run()
    {
        Basics();
        FixedPlaces();
        Break();
        Remap();
        Advice();
        Synchronise();
        Report.Line("ok memory"u8);
    }

    private static void Basics()
    {
        Report.Equal(Linux.EINVAL, MapAt(0, 0, 3, 0x22), "length 0"u8);
        Report.Equal(Linux.EINVAL, MapAt(0, 4096, 3, 0x20), "no type"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(9, 0, 4096, 3, 0x22, NoFd, 100), "odd offset"u8);
        Report.Equal(Linux.ENOMEM, MapAt(0, 1ul << 62, 3, 0x22), "too long"u8);
        ulong memory = Linux.Map(1 << 20);
        Report.Check((memory & 4095) == 0 && memory != 0, "mapped"u8, memory);
        for (ulong i = 0; i < 1 << 20; i += 4096)
            Report.Check(*(ulong*)(memory + i) == 0, "zero"u8, i);
        *(ulong*)(memory + 5000) = 7;
        Report.Equal(0, Linux.Call(10, memory, 1 << 20, 1), "mprotect"u8);
        Report.Check(*(ulong*)(memory + 5000) == 7, "kept over mprotect"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(10, memory + 1, 4096, 3), "mprotect odd"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(11, memory + 1, 4096), "munmap odd"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(11, memory, 0), "munmap nothing"u8);
        // A hole in the middle, then all of it.
        Report.Equal(0, Linux.Call(11, memory + 65536, 65536), "munmap a part"u8);
        Report.Equal(Linux.ENOMEM, Linux.Call(10, memory, 1 << 20, 3), "mprotect of a hole"u8);
        Report.Equal(Linux.ENOMEM, Linux.Call(28, memory, 1 << 20, 0), "madvise over a hole"u8);
        Report.Equal(0, Linux.Call(11, memory, 1 << 20), "munmap with a hole"u8);
        Report.Equal(0, Linux.Call(11, memory, 1 << 20), "munmap of nothing"u8);
        // Shared anonymous memory.
        ulong shared = (ulong)MapAt(0, 8192, 3, 0x21);
        *(ulong*)shared = 9;
        Report.Check(*(ulong*)shared == 9, "shared"u8, shared);
        Report.Equal(0, Linux.Call(26, shared, 8192, 4), "msync"u8);
        Linux.Call(11, shared, 8192);
    }

    // msync(2) of a file that is mapped shared in the middle of other memory, with holes around and between. MS_ASYNC 1, MS_INVALIDATE 2, MS_SYNC 4.
    private static void Synchronise()
    {
        const ulong Page = 4096;
        fixed (byte* path = "/tmp/synchronised\0"u8)
        {
            ulong file = (ulong)Linux.Call(2, (ulong)path, 0x242, 0x180);
            Report.Equal(0, Linux.Call(77, file, 8 * Page), "truncate"u8);
            ulong at = Linux.Map(16 * Page), mapped = at + 4 * Page, end = at + 16 * Page;
            Report.Equal((long)mapped, Linux.Call(9, mapped, 8 * Page, 3, 0x11, file, 0), "shared"u8);
            *(ulong*)(mapped + 5) = 3;
            Report.Equal(0, Linux.Call(26, mapped, 8 * Page, 4), "file"u8);
            for (uint flags = 0; flags < 10; flags++)
                Report.Equal((flags & 5) == 5 || flags > 7 ? Linux.EINVAL : 0, Linux.Call(26, at, 16 * Page, flags), "flags"u8);
            Report.Equal(Linux.EINVAL, Linux.Call(26, mapped, Page, 0x8000_0004), "flags that are not known"u8);
            Report.Equal(0, Linux.Call(26, mapped, Page, 0x1_0000_0004), "flags are an int"u8);
            Report.Equal(Linux.EINVAL, Linux.Call(26, mapped + 1, Page, 4), "odd"u8);
            Report.Equal(0, Linux.Call(26, mapped, 0, 4), "nothing"u8);
            Report.Equal(0, Linux.Call(26, 0, 0, 4), "nothing nowhere"u8);
            Report.Equal(0, Linux.Call(26, mapped, ulong.MaxValue, 4), "a length that wraps to nothing"u8);
            Report.Equal(Linux.ENOMEM, Linux.Call(26, mapped, ulong.MaxValue - 2 * Page, 4), "beyond the end of all"u8);
            Report.Equal(Linux.ENOMEM, Linux.Call(26, 0x10000, Page, 4), "nothing there"u8);
            Report.Equal(0, Linux.Call(26, mapped + 7 * Page, 1, 4), "a byte"u8);
            Report.Equal(0, Linux.Call(10, mapped + Page, Page, 0), "no access"u8);
            Report.Equal(0, Linux.Call(26, mapped, 8 * Page, 4), "what cannot be accessed"u8);
            Report.Equal(0, Linux.Call(11, mapped + 3 * Page, Page), "a hole"u8);
            Report.Equal(Linux.ENOMEM, Linux.Call(26, mapped, 8 * Page, 4), "over a hole"u8);
            Report.Equal(Linux.ENOMEM, Linux.Call(26, mapped, 8 * Page, 1), "over a hole, later"u8);
            Report.Equal(Linux.ENOMEM, Linux.Call(26, mapped + 3 * Page, 2 * Page, 4), "from a hole on"u8);
            Report.Equal(Linux.ENOMEM, Linux.Call(26, mapped + 2 * Page, 2 * Page, 4), "into a hole"u8);
            Linux.Call(3, file);
            Report.Equal(0, Linux.Call(26, mapped + 4 * Page, 4 * Page, 4), "after close"u8);
            Linux.Call(11, at, end - at);
            Linux.Call(87, (ulong)path);
        }
    }

    private static void FixedPlaces()
    {
        ulong memory = Linux.Map(4 * 4096);
        Report.Equal(Linux.EEXIST, MapAt(memory + 4096, 4096, 3, 0x100022), "MAP_FIXED_NOREPLACE over something"u8);
        *(ulong*)(memory + 4096) = 5;
        Report.Equal((long)memory + 4096, MapAt(memory + 4096, 4096, 3, 0x32), "MAP_FIXED over something"u8);
        Report.Check(*(ulong*)(memory + 4096) == 0, "replaced"u8);
        Report.Equal(Linux.EINVAL, MapAt(memory + 100, 4096, 3, 0x32), "MAP_FIXED odd"u8);
        Report.Equal(Linux.ENOMEM, MapAt(0x8000_0000_0000, 4096, 3, 0x32), "MAP_FIXED beyond user space"u8);
        Report.Equal(0, Linux.Call(11, memory + 4096, 4096), "make a hole"u8);
        Report.Equal((long)memory + 4096, MapAt(memory + 4096, 4096, 3, 0x22), "hint taken"u8);
        long low = MapAt(0, 4096, 3, 0x62);
        Report.Check(low > 0 && low < 0x8000_0000, "MAP_32BIT"u8, (ulong)low);
        Linux.Call(11, memory, 4 * 4096);
    }

    private static void Break()
    {
        long start = Linux.Call(12, 0);
        long end = Linux.Call(12, (ulong)start + 10000);
        Report.Equal(start + 10000, end, "brk grows"u8);
        *(ulong*)(start + 8000) = 3;
        Report.Equal(end, Linux.Call(12, 1), "brk to nowhere"u8);
        Report.Equal(start, Linux.Call(12, (ulong)start), "brk shrinks"u8);
        Report.Equal(start + 10000, Linux.Call(12, (ulong)start + 10000), "brk grows again"u8);
        Report.Check(*(ulong*)(start + 8000) == 0, "fresh zeros"u8);
        Linux.Call(12, (ulong)start);
    }

    private static void Remap()
    {
        ulong memory = Linux.Map(4 * 4096);
        Linux.Call(11, memory + 2 * 4096, 4096);
        *(ulong*)memory = 11;
        // Two pages, then a hole, then a page: grows by one in place, not by two.
        Report.Equal((long)memory, Linux.Call(25, memory, 8192, 3 * 4096, 0), "mremap grows in place"u8);
        Report.Equal(Linux.ENOMEM, Linux.Call(25, memory, 3 * 4096, 8 * 4096, 0), "mremap cannot grow"u8);
        long moved = Linux.Call(25, memory, 3 * 4096, 8 * 4096, 1);
        Report.Check(moved > 0 && (ulong)moved != memory && *(ulong*)moved == 11, "mremap moves"u8, (ulong)moved);
        Report.Equal(Linux.EFAULT, Linux.Call(25, memory, 4096, 8192, 1), "mremap of what moved away"u8);
        Report.Equal(moved, Linux.Call(25, (ulong)moved, 8 * 4096, 4096, 0), "mremap shrinks"u8);
        ulong target = Linux.Map(4096);
        Report.Equal((long)target, Linux.Call(25, (ulong)moved, 4096, 4096, 3, target, 0), "mremap to a place"u8);
        Report.Check(*(ulong*)target == 11, "content moved"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(25, target + 1, 4096, 4096, 1), "mremap odd"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(25, target, 4096, 0, 1), "mremap to nothing"u8);
    }

    private static void Advice()
    {
        ulong memory = Linux.Map(4 * 4096);
        *(ulong*)(memory + 4096) = 1;
        Report.Equal(0, Linux.Call(28, memory, 4 * 4096, 4), "MADV_DONTNEED"u8);
        Report.Check(*(ulong*)(memory + 4096) == 0, "zero after MADV_DONTNEED"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(28, memory, 4096, 77), "unknown advice"u8);
        Report.Equal(Linux.EINVAL, Linux.Call(28, memory + 1, 4096, 4), "odd advice"u8);
        Report.Equal(0, Linux.Call(149, memory, 4096), "mlock"u8);
        Report.Equal(0, Linux.Call(150, memory, 4096), "munlock"u8);
        Linux.Call(11, memory, 4 * 4096);
        Report.Equal(Linux.ENOMEM, Linux.Call(149, memory, 4096), "mlock of nothing"u8);
    }
}
