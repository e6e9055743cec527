using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Where a program's bytes come from: an entry of the boot archive (servers) or a file of vfs (programs).</summary>
internal unsafe struct ProgramSource
{
    private readonly TaskState* task;
    private readonly byte* memory;
    private readonly ulong length;
    private readonly ulong archiveOffset;
    private readonly uint handle;
    private readonly bool fromArchive;
    private readonly uint prefixLength;
    private byte* prefix;
    private bool isClosed;

    /// <summary>
    /// First bytes of a file, which come with its opening: a script's line, or the ELF header, mostly all program headers, and the interpreter's path. With the
    /// heap's header a block of it.
    /// </summary>
    public const uint PrefixLimit = 1008;

    /// <summary>
    /// Bytes at <paramref name="memory"/>, which is <paramref name="archiveOffset"/> in the archive object <paramref name="archiveHandle"/> (0 = segments are
    /// copied).
    /// </summary>
    public ProgramSource(TaskState* task, byte* memory, ulong length, uint archiveHandle, ulong archiveOffset)
    {
        this.task = task;
        this.memory = memory;
        this.length = length;
        this.archiveOffset = archiveOffset;
        handle = archiveHandle;
        fromArchive = true;
        prefix = null;
        prefixLength = 0;
        isClosed = false;
    }

    /// <summary>An open file of vfs, and its first bytes in a block of the heap that this gives back.</summary>
    public ProgramSource(TaskState* task, uint fileHandle, byte* prefix, uint prefixLength)
    {
        this.task = task;
        memory = null;
        length = 0;
        archiveOffset = 0;
        handle = fileHandle;
        fromArchive = false;
        this.prefix = prefix;
        this.prefixLength = prefixLength;
        isClosed = false;
    }

    /// <summary>Opens a file for execution. Returns 0 or -errno.</summary>
    public static long Open(TaskState* task, byte* path, uint directory, ProgramSource* source)
    {
        uint length = PrefixLimit;
        byte* prefix = (byte*)PersonalityHeap.AllocateDirty(PrefixLimit);
        if (prefix == null)
            return -Errno.ENOMEM;
        long handle = ExecutableFile.Open(task, path, ArgumentList.LengthOf(path), directory, prefix, &length);
        if (handle < 0)
        {
            PersonalityHeap.Free(prefix);
            return handle;
        }
        *source = new ProgramSource(task, (uint)handle, prefix, length);
        return 0;
    }

    /// <summary>Reads up to <paramref name="count"/> bytes; fewer only at the end. Returns their number or -errno.</summary>
    public long Read(ulong offset, void* buffer, uint count)
    {
        if (!fromArchive && IsInPrefix(offset, count))
            return ReadPrefix(offset, buffer, count);
        if (!fromArchive)
            return ExecutableFile.Read(task, handle, offset, (byte*)buffer, count);
        if (offset >= length)
            return 0;
        ulong present = length - offset < count ? length - offset : count;
        BlockMemory.Move(buffer, memory + offset, present);
        return (long)present;
    }

    /// <summary>
    /// Maps parts of the file privately at free addresses, copying where there is no object to map. Nothing can be read behind the first bytes afterwards, if
    /// <paramref name="isLast"/>. Returns 0 or -errno.
    /// </summary>
    public long Map(ProgramSegment* segments, uint count, bool isLast)
    {
        if (!fromArchive)
            return ExecutableFile.Map(task, handle, segments, count, isLast, out isClosed);
        for (uint i = 0; i < count; i++)
        {
            long result = MapFromArchive(segments + i);
            if (result < 0)
                return result;
        }
        return 0;
    }

    private readonly long MapFromArchive(ProgramSegment* segment)
    {
        if (segment->Offset > length)
            return -Errno.ENOEXEC;
        var protection = (MapFlags)segment->Flags;
        if (handle == 0)
            return CopyPages(segment->Address, segment->PageLength, protection, segment->Offset);
        long status = KernelCalls.Map(segment->Address, segment->PageLength, protection, handle, archiveOffset + segment->Offset);
        return status < 0 ? KernelCalls.MemoryError(status) : 0;
    }

    /// <summary>Ends the use of the source.</summary>
    public void Close()
    {
        PersonalityHeap.Free(prefix);
        prefix = null;
        if (!fromArchive && !isClosed)
            ExecutableFile.Close(task, handle);
        isClosed = true;
    }

    /// <summary>True if such a read needs no request: of the first bytes, or of a file that ends within them.</summary>
    public readonly bool IsInPrefix(ulong offset, ulong count) =>
        fromArchive || prefixLength < PrefixLimit || (offset <= PrefixLimit && count <= PrefixLimit - offset);

    private readonly long ReadPrefix(ulong offset, void* buffer, uint count)
    {
        uint left = offset >= prefixLength ? 0 : prefixLength - (uint)offset;
        uint present = left < count ? left : count;
        BlockMemory.Move(buffer, prefix + offset, present);
        return present;
    }

    private readonly long CopyPages(ulong address, ulong count, MapFlags protection, ulong offset)
    {
        long status = KernelCalls.Map(address, count, MapFlags.Read | MapFlags.Write, 0, 0);
        if (status < 0)
            return KernelCalls.MemoryError(status);
        ulong present = length - offset < count ? length - offset : count;
        if (Stubs.UserCopy(address, (ulong)(memory + offset), present) != 0)
            return -Errno.ENOMEM;
        status = KernelCalls.Protect(address, count, protection);
        return status < 0 ? KernelCalls.MemoryError(status) : 0;
    }
}
