using Libsys.Abi;

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
    private byte* prefix;
    private uint prefixLength;

    // First bytes of a file that are read at once: a script's line, or the ELF header and mostly all program headers.
    private const uint PrefixLimit = 1024;

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
    }

    /// <summary>An open file of vfs.</summary>
    public ProgramSource(TaskState* task, uint fileHandle)
    {
        this.task = task;
        memory = null;
        length = 0;
        archiveOffset = 0;
        handle = fileHandle;
        fromArchive = false;
        prefix = null;
        prefixLength = 0;
    }

    /// <summary>Reads up to <paramref name="count"/> bytes; fewer only at the end. Returns their number or -errno.</summary>
    public long Read(ulong offset, void* buffer, uint count)
    {
        if (!fromArchive && offset <= PrefixLimit && offset + count <= PrefixLimit)
            return ReadPrefix((uint)offset, buffer, count);
        if (!fromArchive)
            return ExecutableFile.Read(task, handle, offset, (byte*)buffer, count);
        if (offset >= length)
            return 0;
        ulong present = length - offset < count ? length - offset : count;
        BlockMemory.Move(buffer, memory + offset, present);
        return (long)present;
    }

    /// <summary>Maps file pages privately at a free address (all page aligned), copying where there is no object to map. Returns 0 or -errno.</summary>
    public readonly long Map(ulong address, ulong count, MapFlags protection, ulong offset)
    {
        if (!fromArchive)
            return ExecutableFile.Map(task, handle, address, count, protection, offset);
        if (offset > length)
            return -Errno.ENOEXEC;
        if (handle != 0)
        {
            long status = KernelCalls.Map(address, count, protection, handle, archiveOffset + offset);
            return status < 0 ? KernelCalls.MemoryError(status) : 0;
        }
        return CopyPages(address, count, protection, offset);
    }

    /// <summary>Ends the use of the source.</summary>
    public void Close()
    {
        PersonalityHeap.Free(prefix);
        prefix = null;
        if (!fromArchive)
            ExecutableFile.Close(task, handle);
    }

    private long ReadPrefix(uint offset, void* buffer, uint count)
    {
        if (prefix == null)
        {
            prefix = (byte*)PersonalityHeap.Allocate(PrefixLimit);
            if (prefix == null)
                return -Errno.ENOMEM;
            long got = ExecutableFile.Read(task, handle, 0, prefix, PrefixLimit);
            if (got < 0)
            {
                PersonalityHeap.Free(prefix);
                prefix = null;
                return got;
            }
            prefixLength = (uint)got;
        }
        uint present = offset >= prefixLength ? 0 : prefixLength - offset < count ? prefixLength - offset : count;
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
