using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>What the loader learnt about one ELF file.</summary>
internal struct LoadedImage
{
    /// <summary>Entry point, relocated.</summary>
    public ulong Entry;
    /// <summary>What was added to the file's addresses.</summary>
    public ulong Bias;
    /// <summary>Address of the program headers in memory (AT_PHDR), 0 if no segment holds them.</summary>
    public ulong HeadersAddress;
    /// <summary>Number of program headers (AT_PHNUM).</summary>
    public uint HeaderCount;
    /// <summary>Lowest mapped address.</summary>
    public ulong Start;
    /// <summary>End of the last segment in memory, not rounded: where the break starts.</summary>
    public ulong End;
    /// <summary>Offset and length of the interpreter's path in the file; length 0 if there is none.</summary>
    public ulong InterpreterOffset, InterpreterLength;
    /// <summary>Bounds of executable and of writable segments.</summary>
    public ulong CodeStart, CodeEnd, DataStart, DataEnd;
    /// <summary>True if PT_GNU_STACK asks for an executable stack.</summary>
    public bool ExecutableStack;
}

/// <summary>
/// Maps an ELF file. Nothing in the file is believed: each number is bounded before it is used, and what contradicts itself is ENOEXEC (or what Linux says,
/// execve(2)). Runs before the program exists, so a half-mapped image needs no undoing: the space ends.
/// </summary>
internal static unsafe class ElfLoader
{
    // Linux takes at most one page of program headers (fs/binfmt limits of execve(2): ENOEXEC beyond).
    private const uint MostHeaders = ProgramSegment.Most;
    private const ulong PageMask = 4095;

    /// <summary>Where position-independent programs go: two thirds of the address space, as on Linux without randomisation.</summary>
    public const ulong ProgramBase = 0x5555_5555_4000;

    /// <summary>
    /// Loads a file; <paramref name="interpreter"/>: placed top-down below <paramref name="ceiling"/>, not at <see cref="ProgramBase"/>. Returns 0 or -errno.
    /// </summary>
    public static long Load(ProgramSource* source, LoadedImage* image, bool interpreter, ulong ceiling)
    {
        ElfHeader header;
        long got = source->Read(0, &header, (uint)sizeof(ElfHeader));
        if (got < 0)
            return got;
        if (got != sizeof(ElfHeader) || !IsLoadable(&header))
            return -Errno.ENOEXEC;

        uint count = header.ProgramHeaderCount;
        uint length = count * (uint)sizeof(ElfProgramHeader);
        // Beyond what a file can hold: vfs would call the offset invalid, and execve(2) has ENOEXEC for it.
        if (header.ProgramHeaders > (ulong)long.MaxValue - length)
            return -Errno.ENOEXEC;
        // Behind them the segments that they describe.
        ElfProgramHeader* headers = (ElfProgramHeader*)PersonalityHeap.AllocateDirty(length + count * (uint)sizeof(ProgramSegment));
        if (headers == null)
            return -Errno.ENOMEM;
        got = source->Read(header.ProgramHeaders, headers, length);
        long result = got == length ? Map(source, &header, headers, image, interpreter, ceiling) : got < 0 ? got : -Errno.ENOEXEC;
        PersonalityHeap.Free(headers);
        return result;
    }

    private static bool IsLoadable(ElfHeader* header) =>
        // Linux looks at the machine alone, which says class and byte order as well.
        header->Magic == ElfHeader.MagicValue &&
        header->Machine == ElfHeader.X86_64 && (header->Type == ElfHeader.Executable || header->Type == ElfHeader.SharedObject) &&
        header->ProgramHeaderSize == sizeof(ElfProgramHeader) && header->ProgramHeaderCount >= 1 && header->ProgramHeaderCount <= MostHeaders;

    private static long Map(ProgramSource* source, ElfHeader* header, ElfProgramHeader* headers, LoadedImage* image, bool interpreter, ulong ceiling)
    {
        uint count = header->ProgramHeaderCount;
        Clear(image);
        long result = Measure(headers, count, image, out ulong low, out ulong high, out ulong alignment);
        if (result < 0)
            return result;
        if (header->Type == ElfHeader.SharedObject)
        {
            result = ChooseBias(low, high, alignment, interpreter, ceiling, out image->Bias);
            if (result < 0)
                return result;
        }

        // What comes from the file in one request, then the rest of each segment.
        ProgramSegment* segments = (ProgramSegment*)(headers + count);
        uint parts = 0;
        for (uint i = 0; i < count && result == 0; i++)
        {
            if (IsMapped(&headers[i]))
                result = AddFilePart(&headers[i], image->Bias, segments, ref parts);
        }
        bool isLast = image->InterpreterLength == 0 || source->IsInPrefix(image->InterpreterOffset, image->InterpreterLength);
        if (result == 0 && parts != 0)
            result = source->Map(segments, parts, isLast);
        if (result < 0)
            return result;
        for (uint i = 0; i < count; i++)
        {
            if (!IsMapped(&headers[i]))
                continue;
            result = MapRest(&headers[i], image->Bias);
            if (result < 0)
                return result;
            Record(header, &headers[i], image);
        }
        image->Start = low + image->Bias;
        image->End = high + image->Bias;
        image->Entry = header->Entry + image->Bias;
        image->HeaderCount = count;
        return image->Entry < Window.Base ? 0 : -Errno.EINVAL;
    }

    private static void Clear(LoadedImage* image)
    {
        image->Bias = 0;
        image->HeadersAddress = 0;
        image->InterpreterOffset = 0;
        image->InterpreterLength = 0;
        image->CodeStart = ulong.MaxValue;
        image->CodeEnd = 0;
        image->DataStart = ulong.MaxValue;
        image->DataEnd = 0;
        image->ExecutableStack = false;
    }

    // Checks every header before anything is mapped.
    private static long Measure(ElfProgramHeader* headers, uint count, LoadedImage* image, out ulong low, out ulong high, out ulong alignment)
    {
        low = ulong.MaxValue;
        high = 0;
        alignment = 4096;
        for (uint i = 0; i < count; i++)
        {
            ElfProgramHeader* header = &headers[i];
            if (header->Type == ElfProgramHeader.Interpreter)
            {
                // A path with its NUL, at most PATH_MAX.
                if (header->FileSize < 2 || header->FileSize > 4096)
                    return -Errno.ENOEXEC;
                image->InterpreterOffset = header->Offset;
                image->InterpreterLength = header->FileSize;
            }
            if (header->Type == ElfProgramHeader.GnuStack)
                image->ExecutableStack = (header->Flags & ElfProgramHeader.Execute) != 0;
            if (header->Type != ElfProgramHeader.Load || header->MemorySize == 0)
                continue;
            if (header->FileSize > header->MemorySize || header->MemorySize > Window.Base || header->VirtualAddress > Window.Base - header->MemorySize)
                return -Errno.EINVAL;
            if (((header->VirtualAddress ^ header->Offset) & PageMask) != 0 || header->Offset > long.MaxValue - header->FileSize)
                return -Errno.EINVAL;
            if (header->VirtualAddress < low)
                low = header->VirtualAddress;
            if (header->VirtualAddress + header->MemorySize > high)
                high = header->VirtualAddress + header->MemorySize;
            if (header->Alignment > alignment && (header->Alignment & (header->Alignment - 1)) == 0 && header->Alignment <= 1ul << 30)
                alignment = header->Alignment;
        }
        low &= ~PageMask;
        return high == 0 ? -Errno.ENOEXEC : 0;
    }

    private static long ChooseBias(ulong low, ulong high, ulong alignment, bool interpreter, ulong ceiling, out ulong bias)
    {
        bias = 0;
        if (!interpreter)
        {
            bias = ((ProgramBase + alignment - 1) & ~(alignment - 1)) - low;
            return high + bias < ceiling ? 0 : -Errno.ENOMEM;
        }
        ulong length = (high - low + PageMask) & ~PageMask;
        long gap = KernelCalls.FindGap(length, Window.Lowest, ceiling, alignment);
        if (gap < 0)
            return -Errno.ENOMEM;
        bias = (ulong)gap - low;
        return 0;
    }

    private static bool IsMapped(ElfProgramHeader* header) => header->Type == ElfProgramHeader.Load && header->MemorySize != 0;

    // Bytes of a segment, from its first page on, that are pages of the file.
    private static ulong FilePages(ElfProgramHeader* header, ulong bias)
    {
        ulong start = header->VirtualAddress + bias;
        return header->FileSize == 0 ? 0 : ((start + header->FileSize + PageMask) & ~PageMask) - (start & ~PageMask);
    }

    private static long AddFilePart(ElfProgramHeader* header, ulong bias, ProgramSegment* segments, ref uint count)
    {
        ulong page = (header->VirtualAddress + bias) & ~PageMask, length = FilePages(header, bias);
        if (page < Window.Lowest)
            return -Errno.EPERM;
        if (length == 0)
            return 0;
        ProgramSegment* segment = &segments[count++];
        segment->Address = page;
        segment->PageLength = length;
        segment->Offset = header->Offset & ~PageMask;
        segment->Flags = (ulong)Protection(header->Flags);
        return 0;
    }

    private static long MapRest(ElfProgramHeader* header, ulong bias)
    {
        MapFlags protection = Protection(header->Flags);
        ulong start = header->VirtualAddress + bias;
        ulong page = start & ~PageMask;
        ulong filePages = FilePages(header, bias);
        ulong allPages = ((start + header->MemorySize + PageMask) & ~PageMask) - page;
        if (allPages > filePages)
        {
            long status = KernelCalls.Map(page + filePages, allPages - filePages, protection, 0, 0);
            if (status < 0)
                return KernelCalls.MemoryError(status);
        }
        return header->MemorySize > header->FileSize ? ZeroTail(start + header->FileSize, page + filePages, protection) : 0;
    }

    // The last file page holds whatever follows in the file; bss starts in the middle of it. A read-only segment with bss stays as the file has it, as on
    // Linux.
    private static long ZeroTail(ulong from, ulong to, MapFlags protection)
    {
        if (from >= to || (protection & MapFlags.Write) == 0)
            return 0;
        return Stubs.UserZero(from, to - from) == 0 ? 0 : -Errno.EFAULT;
    }

    private static MapFlags Protection(uint flags)
    {
        MapFlags protection = MapFlags.None;
        if ((flags & ElfProgramHeader.Read) != 0)
            protection |= MapFlags.Read;
        if ((flags & ElfProgramHeader.Write) != 0)
            protection |= MapFlags.Write;
        if ((flags & ElfProgramHeader.Execute) != 0)
            protection |= MapFlags.Execute;
        return (flags & (ElfProgramHeader.Write | ElfProgramHeader.Execute)) == (ElfProgramHeader.Write | ElfProgramHeader.Execute)
            ? protection | MapFlags.WriteExecute
            : protection;
    }

    private static void Record(ElfHeader* header, ElfProgramHeader* segment, LoadedImage* image)
    {
        ulong start = segment->VirtualAddress + image->Bias;
        ulong end = start + segment->FileSize;
        if (header->ProgramHeaders >= segment->Offset && header->ProgramHeaders - segment->Offset < segment->FileSize)
            image->HeadersAddress = start + (header->ProgramHeaders - segment->Offset);
        if ((segment->Flags & ElfProgramHeader.Execute) != 0)
        {
            image->CodeStart = start < image->CodeStart ? start : image->CodeStart;
            image->CodeEnd = end > image->CodeEnd ? end : image->CodeEnd;
        }
        else if ((segment->Flags & ElfProgramHeader.Write) != 0)
        {
            image->DataStart = start < image->DataStart ? start : image->DataStart;
            image->DataEnd = end > image->DataEnd ? end : image->DataEnd;
        }
    }
}
