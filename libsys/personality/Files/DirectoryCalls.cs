using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Names: mkdir(2), mknod, unlink, rmdir, rename, link, symlink, readlink, getdents.</summary>
internal static unsafe class DirectoryCalls
{
    /// <summary>Largest readlink answer: a link's text is shorter than a page.</summary>
    private const uint LinkLimit = 4096;

    /// <summary>mkdir, mkdirat.</summary>
    public static long MakeDirectory(TaskState* task, ulong directory, ulong path, ulong mode)
    {
        uint masked = (uint)mode & 0x3FF & ~task->Process->FileMask; // 01777: mkdir(2) keeps the sticky bit
        if (PostedNames.TryMakeDirectory(task, directory, path, masked))
            return 0;
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.MakeDirectory, directory, path);
        if (result < 0)
            return result;
        request.A1 = masked;
        return PostedNames.Finish(task, &request);
    }

    /// <summary>mknod, mknodat.</summary>
    public static long MakeNode(TaskState* task, ulong directory, ulong path, ulong mode, ulong device)
    {
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.MakeNode, directory, path);
        if (result < 0)
            return result;
        request.A1 = (uint)mode & 0xFFFF & ~task->Process->FileMask;
        request.A2 = (uint)device;
        return PathArgument.Finish(task, &request);
    }

    /// <summary>unlink, rmdir, unlinkat.</summary>
    public static long Unlink(TaskState* task, ulong directory, ulong path, ulong flags)
    {
        if (((uint)flags & ~AtFlags.RemoveDirectory) != 0)
            return -Errno.EINVAL;
        if (PostedNames.TryRemove(task, directory, path, (uint)flags != 0))
            return 0;
        VfsRequest request;
        long result = PathArgument.Begin(task, &request, VfsOperation.Unlink, directory, path);
        if (result < 0)
            return result;
        request.A1 = (uint)flags;
        return PostedNames.Finish(task, &request);
    }

    /// <summary>rename, renameat, renameat2.</summary>
    public static long Rename(TaskState* task, ulong oldDirectory, ulong oldPath, ulong newDirectory, ulong newPath, ulong flags)
    {
        uint given = (uint)flags;
        if ((given & ~(RenameFlags.NoReplace | RenameFlags.Exchange | RenameFlags.Whiteout)) != 0
            || (given & RenameFlags.Exchange) != 0 && (given & (RenameFlags.NoReplace | RenameFlags.Whiteout)) != 0)
            return -Errno.EINVAL;
        if (given == 0 && PostedNames.TryRename(task, oldDirectory, oldPath, newDirectory, newPath))
            return 0;
        VfsRequest request;
        long length = PathArgument.BeginTwo(task, &request, VfsOperation.Rename, oldDirectory, oldPath, false, newDirectory, newPath);
        if (length < 0)
            return length;
        request.A2 = given;
        request.A3 = (ulong)length;
        return PostedNames.Finish(task, &request, (uint)length);
    }

    /// <summary>link, linkat.</summary>
    public static long Link(TaskState* task, ulong oldDirectory, ulong oldPath, ulong newDirectory, ulong newPath, ulong flags)
    {
        uint given = (uint)flags;
        if ((given & ~(AtFlags.Follow | AtFlags.EmptyPath)) != 0)
            return -Errno.EINVAL;
        if (given == 0 && PostedNames.TryLink(task, oldDirectory, oldPath, newDirectory, newPath))
            return 0;
        VfsRequest request;
        bool emptyAllowed = (given & AtFlags.EmptyPath) != 0;
        long length = PathArgument.BeginTwo(task, &request, VfsOperation.Link, oldDirectory, oldPath, emptyAllowed, newDirectory, newPath);
        if (length < 0)
            return length;
        request.A2 = given;
        request.A3 = (ulong)length;
        return PostedNames.Finish(task, &request, (uint)length);
    }

    /// <summary>symlink, symlinkat: the text is not looked at.</summary>
    public static long SymbolicLink(TaskState* task, ulong text, ulong directory, ulong path)
    {
        VfsRequest request;
        long length = PathArgument.BeginTwo(task, &request, VfsOperation.SymbolicLink, unchecked((ulong)AtFlags.WorkingDirectory), text, false, directory,
            path);
        if (length < 0)
            return length;
        request.A0 = request.A1;
        request.A1 = 0;
        request.A3 = (ulong)length;
        return PathArgument.Finish(task, &request);
    }

    /// <summary>readlink, readlinkat. An empty path means the link that the directory argument itself is open on (O_PATH).</summary>
    public static long ReadLink(TaskState* task, ulong directory, ulong path, ulong buffer, ulong size)
    {
        if ((int)(uint)size <= 0)
            return -Errno.EINVAL;
        uint room = (uint)size < LinkLimit ? (uint)size : LinkLimit;
        if (NamesMapping.IsReady(task))
        {
            FoundName found;
            long known = NameLookup.Find(task, directory, path, false, LookupAim.Text, &found);
            if (known == 0)
                known = GiveText(&found, buffer, room);
            if (known != NameLookup.Ask)
                return known;
        }
        VfsRequest request;
        long length = PathArgument.Begin(task, &request, VfsOperation.ReadLink, directory, path, room, true);
        if (length < 0)
            return length;
        if (length == 0 && request.A0 == VfsLimits.WorkingDirectory)
        {
            VfsPool.Give(task, &request);
            return -Errno.ENOENT;
        }
        request.A2 = (ulong)length;
        long result = NamesMapping.Call(task, &request);
        if (result > room)
            result = room;
        if (result > 0 && !UserMemory.CopyOut(buffer, VfsPool.BufferOf(&request), (ulong)result))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result;
    }

    // A text is never one byte in the published names: that is how Ask is told from a length.
    private static long GiveText(FoundName* found, ulong buffer, uint room)
    {
        if ((found->Flags & PublishedNames.TypeMask) << PublishedNames.TypeShift != InodeMode.SymbolicLink)
            return -Errno.EINVAL;
        uint length = found->TextLength < room ? found->TextLength : room;
        if (length <= NameLookup.Ask)
            return NameLookup.Ask;
        return UserMemory.CopyOut(buffer, found->Text, length) ? length : -Errno.EFAULT;
    }

    /// <summary>getdents64: records in Linux' layout, as vfs made them.</summary>
    public static long ReadEntries(TaskState* task, ulong fd, ulong buffer, ulong size)
    {
        VfsRequest request;
        long result = Entries(task, &request, fd, buffer, size);
        if (result > 0 && !UserMemory.CopyOut(buffer, VfsPool.BufferOf(&request), (ulong)result))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result;
    }

    /// <summary>
    /// getdents, the old form: { ino, off, u16 reclen, name..., NUL, padding, type in the last byte }. A record has the same length as its 64-bit form, whose
    /// type stands before the name; so each is turned round where it is.
    /// </summary>
    public static long ReadEntriesOld(TaskState* task, ulong fd, ulong buffer, ulong size)
    {
        const uint nameAt = 19, oldNameAt = 18;
        VfsRequest request;
        long result = Entries(task, &request, fd, buffer, size);
        byte* records = VfsPool.BufferOf(&request);
        for (uint at = 0; result > 0 && at + nameAt < (uint)result;)
        {
            uint length = *(ushort*)(records + at + 16);
            if (length <= nameAt || length > (uint)result - at)
            {
                result = -Errno.EIO;
                break;
            }
            byte type = records[at + oldNameAt];
            BlockMemory.Move(records + at + oldNameAt, records + at + nameAt, length - nameAt);
            records[at + length - 1] = type;
            at += length;
        }
        if (result > 0 && !UserMemory.CopyOut(buffer, records, (ulong)result))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result;
    }

    private static long Entries(TaskState* task, VfsRequest* request, ulong fd, ulong buffer, ulong size)
    {
        // 32 KiB is what C libraries ask for at most; a shorter answer is always allowed.
        const uint most = 0x8000;
        uint wanted = (uint)size < most ? (uint)size : most;
        VfsRequest.Begin(request, VfsOperation.ReadDirectory);
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, fd, &descriptor))
            return -Errno.EBADF;
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.ENOTDIR;
        if (!UserMemory.IsUser(buffer, wanted))
            return -Errno.EFAULT;
        long result = wanted == 0 ? 0 : VfsPool.Take(task, request, VfsPool.ModestLength(task, wanted), wanted < 4096 ? wanted : 4096);
        if (result < 0)
            return result;
        request->A0 = descriptor.Handle;
        uint given = request->PoolLength;
        result = VfsClient.Call(task, request);
        return result > given ? -Errno.EIO : result;
    }
}
