namespace Libsys.Bench;

/// <summary>Mappings, page faults and copies.</summary>
internal static unsafe class MemoryRows
{
    private const int Small = 16 * Memory.PageLength, Large = 256 * Memory.PageLength;

    private static readonly nint LargeFile = Linux.Text("/tmp/bench/large\0"u8), NewFile = Linux.Text("/tmp/bench/holes\0"u8);

    public static IEnumerable<Row> All() =>
    [
        new("mmap 64 KiB + touch + munmap", () => new(() => MapAndTouch(Small))),
        new("mmap 64 KiB of a file + touch + munmap", MapFile),
        new("mmap 64 KiB of a file privately + write + munmap", MapPrivate),
        new("create + mmap 64 KiB + write + close + unlink", () => new(() => MapNew(writes: true))),
        new("create + mmap 64 KiB + read + close + unlink", () => new(() => MapNew(writes: false))),
        new("mprotect 64 KiB", Protect),
        new("page fault of anonymous memory", FaultAnonymous),
        new("page fault of a file", FaultFile),
        new("memory copy of 1 MiB", Copy),
    ];

    private static long MapAndTouch(int length)
    {
        nint address = (nint)Linux.Call(Numbers.Mmap, 0, length, Numbers.ProtectReadWrite, Numbers.MapPrivateAnonymous, -1);
        Memory.Write(address, length);
        return Memory.Unmap(address, length);
    }

    private static Prepared MapFile()
    {
        long file = FileRows.MakeFile(LargeFile, Large);
        return new(
            () =>
            {
                nint address = (nint)Linux.Call(Numbers.Mmap, 0, Small, Numbers.ProtectRead, Numbers.MapShared, file);
                Memory.Read(address, Small);
                return Memory.Unmap(address, Small);
            },
            () => Linux.Call(Numbers.Close, file));
    }

    private static Prepared MapPrivate()
    {
        const long Private = 2;
        long file = FileRows.MakeFile(LargeFile, Large);
        return new(
            () =>
            {
                nint address = (nint)Linux.Call(Numbers.Mmap, 0, Small, Numbers.ProtectReadWrite, Private, file);
                Memory.Write(address, Small);
                return Memory.Unmap(address, Small);
            },
            () => Linux.Call(Numbers.Close, file));
    }

    // A file of holes, touched through a shared mapping from front to back.
    private static long MapNew(bool writes)
    {
        long file = Linux.Call(Numbers.Open, NewFile, Numbers.ReadWrite | Numbers.CreateNew, Numbers.ForAll);
        long result = Linux.Call(Numbers.Truncate, file, Small);
        nint address = (nint)Linux.Call(Numbers.Mmap, 0, Small, Numbers.ProtectReadWrite, Numbers.MapShared, file);
        if (writes)
            Memory.Write(address, Small);
        else
            Memory.Read(address, Small);
        return result | Memory.Unmap(address, Small) | Linux.Call(Numbers.Close, file) | Linux.Call(Numbers.Unlink, NewFile);
    }

    private static Prepared Protect()
    {
        nint address = Memory.Allocate(Small);
        return new(
            () => Linux.Call(Numbers.Mprotect, address, Small, Numbers.ProtectRead) | Linux.Call(Numbers.Mprotect, address, Small, Numbers.ProtectReadWrite),
            () => Memory.Unmap(address, Small),
            Parts: 2);
    }

    // The pages are given back all at once, which the 256 faults share.
    private static Prepared FaultAnonymous()
    {
        nint address = Memory.Map(Large, Numbers.ProtectReadWrite, Numbers.MapPrivateAnonymous, -1);
        return new(
            () =>
            {
                Memory.Write(address, Large);
                return Linux.Call(Numbers.Madvise, address, Large, Numbers.DontNeed);
            },
            () => Memory.Unmap(address, Large),
            Large / Memory.PageLength);
    }

    // Mapped anew each time, which the 256 pages share; a system may map several with one fault.
    private static Prepared FaultFile()
    {
        long file = FileRows.MakeFile(LargeFile, Large);
        return new(
            () =>
            {
                nint address = (nint)Linux.Call(Numbers.Mmap, 0, Large, Numbers.ProtectRead, Numbers.MapShared, file);
                Memory.Read(address, Large);
                return Memory.Unmap(address, Large);
            },
            () => Linux.Call(Numbers.Close, file),
            Large / Memory.PageLength);
    }

    private static Prepared Copy()
    {
        nint from = Memory.Allocate(Large), to = Memory.Allocate(Large);
        return new(
            () =>
            {
                Buffer.MemoryCopy((void*)from, (void*)to, Large, Large);
                return 0;
            },
            () =>
            {
                Memory.Unmap(from, Large);
                Memory.Unmap(to, Large);
            });
    }
}
