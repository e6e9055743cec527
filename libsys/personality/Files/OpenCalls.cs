using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>open(2), openat(2), creat(2), openat2(2).</summary>
internal static unsafe class OpenCalls
{
    /// <summary>Flags that open(2) of Linux 6.1 knows; openat2(2) refuses others.</summary>
    private const ulong KnownFlags = 0x7FFFC3;

    /// <summary>open, openat, creat: unknown flags are ignored.</summary>
    public static long Open(TaskState* task, ulong directory, ulong path, ulong flags, ulong mode)
    {
        uint known = (uint)(flags & KnownFlags);
        bool creates = (known & OpenFlags.Create) != 0 || (known & OpenFlags.TemporaryFileBit) != 0;
        return OpenChecked(task, directory, path, known, creates ? (uint)mode & 0xFFF : 0);
    }

    /// <summary>openat2: struct open_how { flags, mode, resolve }.</summary>
    public static long OpenHow(TaskState* task, ulong directory, ulong path, ulong how, ulong size)
    {
        if (size < 24)
            return -Errno.EINVAL;
        if (size > 4096)
            return -Errno.E2BIG;
        if (!UserMemory.ReadU64(how, out ulong flags) || !UserMemory.ReadU64(how + 8, out ulong mode) || !UserMemory.ReadU64(how + 16, out ulong resolve))
            return -Errno.EFAULT;
        for (ulong at = 24; at < size; at++)
        {
            byte extra;
            if (!UserMemory.CopyIn(&extra, how + at, 1))
                return -Errno.EFAULT;
            if (extra != 0)
                return -Errno.E2BIG;
        }
        bool creates = (flags & (OpenFlags.Create | OpenFlags.TemporaryFileBit)) != 0;
        if ((flags & ~KnownFlags) != 0 || (creates ? (mode & ~0xFFFul) != 0 : mode != 0) || (resolve & ~0x3Ful) != 0)
            return -Errno.EINVAL;
        // RESOLVE_* restrict the walk; vfs has no such walk yet, and ignoring them would open what the caller forbade.
        if (resolve != 0)
            return -Errno.ENOSYS;
        return OpenChecked(task, directory, path, (uint)flags, (uint)mode);
    }

    /// <summary>Flags of opens that may be posted: for reading, of what is there.</summary>
    private const uint PostedFlags = OpenFlags.NonBlock | OpenFlags.LargeFile | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.CloseOnExec
        | OpenFlags.NoControllingTerminal;

    /// <summary>Flags of creations that may be posted. Not O_DIRECTORY, which fails, and O_DIRECT, which may.</summary>
    private const uint PostedCreationFlags = OpenFlags.AccessMode | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoControllingTerminal
        | OpenFlags.Truncate | OpenFlags.Append | OpenFlags.NonBlock | OpenFlags.LargeFile | OpenFlags.NoFollow | OpenFlags.CloseOnExec;

    private static bool TryCreate(TaskState* task, ulong directory, ulong path, uint flags, uint mode, out long number)
    {
        uint access = flags & OpenFlags.AccessMode, rights = mode & ~task->Process->FileMask;
        number = -1;
        if (access == OpenFlags.AccessMode || !PostedNames.MayCreate(task))
            return false;
        number = DescriptorTable.Reserve(task);
        if (number < 0)
            return false; // by message, which says so in its turn
        if (!PostedNames.TryCreate(task, directory, path, flags & ~OpenFlags.CloseOnExec, rights, out uint handle))
        {
            DescriptorTable.Unreserve(task, number);
            return false;
        }
        uint bits = DescriptorBits.Seekable | DescriptorBits.ClosesUnseen | ((flags & OpenFlags.CloseOnExec) != 0 ? DescriptorBits.CloseOnExec : 0);
        number = InstallNew(task, number, handle, bits, InodeMode.Regular | rights, access);
        return true;
    }

    private static long OpenChecked(TaskState* task, ulong directory, ulong path, uint flags, uint mode)
    {
        // open(2): O_TMPFILE needs O_DIRECTORY and write access.
        if ((flags & OpenFlags.TemporaryFileBit) != 0 && ((flags & OpenFlags.Directory) == 0 || (flags & OpenFlags.AccessMode) == 0))
            return -Errno.EINVAL;
        if ((flags & ~PostedFlags) == 0 && PostedCalls.TryOpen(task, directory, path, flags, out long opened))
            return opened;
        if ((flags & OpenFlags.Create) != 0 && (flags & ~PostedCreationFlags) == 0 && TryCreate(task, directory, path, flags, mode, out opened))
            return opened;
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.Open, directory, path);
        if (result < 0)
            return result;
        request.A1 = flags & ~OpenFlags.CloseOnExec;
        request.A2 = mode & ~task->Process->FileMask;
        request.A4 = NamesMapping.IsMapped(task) ? 1u : 0;
        long number = DescriptorTable.Reserve(task);
        if (number < 0)
        {
            VfsPool.Give(task, &request);
            return number;
        }
        result = PostedNames.Finish(task, &request);
        if (result < 0)
        {
            DescriptorTable.Unreserve(task, number);
            return result;
        }
        uint access = (flags & OpenFlags.Path) != 0 ? OpenFlags.Path : flags & OpenFlags.AccessMode;
        uint bits = ((flags & OpenFlags.CloseOnExec) != 0 ? DescriptorBits.CloseOnExec : 0)
            | ((request.V1 & OpenedFile.Seekable) != 0 ? DescriptorBits.Seekable : 0)
            | ((request.V1 & OpenedFile.ClosesUnseen) != 0 ? DescriptorBits.ClosesUnseen : 0)
            | DescriptorBits.OfDevice(OpenedFile.DeviceOf(request.V1), access);
        if (access != OpenFlags.Path && ((uint)request.V0 & InodeMode.TypeMask) == InodeMode.Fifo)
            bits |= DescriptorBits.Stream;
        if (request.V2 != 0)
        {
            long shown = GrantedCalls.ShowFirst(task, (ulong)result, request.V2, out uint server);
            bits |= server << DescriptorBits.ServerShift;
            if (shown < 0)
            {
                VfsClient.Call(task, VfsOperation.Close, (ulong)result);
                DescriptorTable.Unreserve(task, number);
                return shown;
            }
        }
        return InstallNew(task, number, (ulong)result, bits, (uint)request.V0, access);
    }

    /// <summary>Puts a fresh vfs handle under a reserved number; closes it again if that fails.</summary>
    public static long InstallNew(TaskState* task, long number, ulong handle, uint bits, uint mode, uint access)
    {
        long result = handle > uint.MaxValue ? -Errno.EIO : DescriptorTable.Install(task, number, (uint)handle, bits, mode, access);
        if (result < 0)
        {
            VfsClient.Call(task, VfsOperation.Close, handle);
            return result;
        }
        return number;
    }
}
