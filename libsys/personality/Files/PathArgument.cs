using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Paths of calls: copied once from the program into a pool block, with room for what the call gives back.</summary>
internal static unsafe class PathArgument
{
    /// <summary>Most bytes of a path with its NUL (PATH_MAX).</summary>
    public const uint Limit = 4096;

    /// <summary>Paths of up to this many bytes with NUL fit the first, small block.</summary>
    private const uint Ordinary = 256;

    /// <summary>
    /// Begins a request with one path. The buffer holds it without NUL; PoolLength covers it and at least <paramref name="room"/> bytes in all. A0 is the
    /// directory. Returns the path's length or −errno (EFAULT, ENAMETOOLONG, ENOENT for an empty path unless <paramref name="emptyAllowed"/>, EBADF), in Linux'
    /// order; on an error no block is held.
    /// </summary>
    public static long Begin(TaskState* task, VfsRequest* request, VfsOperation operation, ulong directory, ulong path, uint room = 0,
        bool emptyAllowed = false)
    {
        VfsRequest.Begin(request, operation);
        uint capacity = Ordinary;
        long length = Copy(task, request, path, capacity, room, out byte* buffer);
        if (length == -Errno.ENAMETOOLONG)
            length = Copy(task, request, path, Limit, room, out buffer);
        if (length < 0)
            return length;
        long found = length == 0 && !emptyAllowed ? -Errno.ENOENT : Directory(task, directory, buffer, length, out request->A0);
        if (found < 0)
        {
            VfsPool.Give(task, request);
            return found;
        }
        SetLength(request, (uint)length, room);
        return length;
    }

    /// <summary>Begins a request with two paths, one after the other. A0 and A1 are the directories, the first path's length is returned.</summary>
    public static long BeginTwo(TaskState* task, VfsRequest* request, VfsOperation operation, ulong firstDirectory, ulong first, bool firstMayBeEmpty,
        ulong secondDirectory, ulong second)
    {
        VfsRequest.Begin(request, operation);
        long length = CopyTwo(task, request, first, second, Ordinary, out byte* buffer, out long secondLength);
        if (length == -Errno.ENAMETOOLONG)
            length = CopyTwo(task, request, first, second, Limit, out buffer, out secondLength);
        if (length < 0)
            return length;
        long result = length == 0 && !firstMayBeEmpty || secondLength == 0 ? -Errno.ENOENT : 0;
        if (result >= 0)
            result = Directory(task, firstDirectory, buffer, length, out request->A0);
        if (result >= 0)
            result = Directory(task, secondDirectory, buffer + length, secondLength, out request->A1);
        if (result < 0)
        {
            VfsPool.Give(task, request);
            return result;
        }
        request->PoolLength = (uint)(length + secondLength);
        return length;
    }

    /// <summary>The vfs handle that a directory argument stands for. Linux does not look at it for an absolute path.</summary>
    public static long Directory(TaskState* task, ulong directory, byte* path, long length, out ulong handle)
    {
        handle = VfsLimits.WorkingDirectory;
        if (length > 0 && *path == (byte)'/' || (int)(uint)directory == AtFlags.WorkingDirectory)
            return 0;
        Descriptor descriptor;
        if (!DescriptorTable.Find(task, directory, &descriptor))
            return -Errno.EBADF;
        if ((descriptor.Bits & DescriptorBits.Local) != 0)
            return -Errno.ENOTDIR;
        handle = descriptor.Handle;
        return 0;
    }

    /// <summary>Runs a request that was begun, gives its block back and returns the result.</summary>
    public static long Finish(TaskState* task, VfsRequest* request)
    {
        long result = VfsClient.Call(task, request);
        VfsPool.Give(task, request);
        return Restart(request, result);
    }

    /// <summary>An interrupted call starts again unless a handler says otherwise, signal(7).</summary>
    public static long Restart(VfsRequest* request, long result) =>
        result == -Errno.EINTR && request->Ending == VfsEnding.Interrupted ? -Errno.RestartSystemCall : result;

    private static long Copy(TaskState* task, VfsRequest* request, ulong path, uint capacity, uint room, out byte* buffer)
    {
        buffer = null;
        uint wanted = capacity + room;
        long result = VfsPool.Take(task, request, wanted, wanted);
        if (result < 0)
            return result;
        buffer = VfsPool.BufferOf(request);
        long length = UserMemory.CopyString(buffer, path, capacity);
        if (length < 0)
            VfsPool.Give(task, request);
        return length;
    }

    private static long CopyTwo(TaskState* task, VfsRequest* request, ulong first, ulong second, uint capacity, out byte* buffer, out long secondLength)
    {
        secondLength = 0;
        long length = Copy(task, request, first, capacity, capacity, out buffer);
        if (length < 0)
            return length;
        secondLength = UserMemory.CopyString(buffer + length, second, capacity);
        if (secondLength >= 0)
            return length;
        VfsPool.Give(task, request);
        return secondLength;
    }

    private static void SetLength(VfsRequest* request, uint length, uint room) => request->PoolLength = length + room;
}
