using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>A program file while it is being started, in a space that has a connection to vfs. Used by the loader.</summary>
internal static unsafe class ExecutableFile
{
    private const ulong X_OK = 1;

    /// <summary>
    /// Opens for execution, relative to a vfs directory handle or the working directory (0xFFFFFFFF), and reads the file's first bytes. An empty path is the
    /// handle itself (execveat with AT_EMPTY_PATH). Returns a vfs handle or -errno: EACCES also for what is not a regular file, execve(2).
    /// </summary>
    /// <param name="task">The thread.</param>
    /// <param name="path">Path.</param>
    /// <param name="length">Its length.</param>
    /// <param name="directory">What it is relative to.</param>
    /// <param name="prefix">Room for <paramref name="prefixLength"/> bytes; then how many there are, fewer only at the end of the file.</param>
    /// <param name="prefixLength">See there.</param>
    public static long Open(TaskState* task, byte* path, uint length, uint directory, byte* prefix, uint* prefixLength)
    {
        if (length > VfsLimits.PathLimit)
            return -Errno.ENAMETOOLONG;
        if (length == 0)
            return OpenAgain(task, directory, prefix, prefixLength);
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.OpenProgram, *path == (byte)'/' ? VfsLimits.WorkingDirectory : directory, 0, length);
        uint room = length < *prefixLength ? *prefixLength : length;
        long result = VfsPool.Take(task, &request, room, room);
        if (result < 0)
            return result;
        BlockMemory.Move(VfsPool.BufferOf(&request), path, length);
        result = VfsClient.Call(task, &request);
        if (result >= 0)
        {
            *prefixLength = request.V1 < *prefixLength ? (uint)request.V1 : *prefixLength;
            BlockMemory.Move(prefix, VfsPool.BufferOf(&request), *prefixLength);
        }
        VfsPool.Give(task, &request);
        return result == -Errno.EINTR ? -Errno.EAGAIN : result;
    }

    // A second handle for what is open already, if it may be executed.
    private static long OpenAgain(TaskState* task, uint handle, byte* prefix, uint* prefixLength)
    {
        if (handle == VfsLimits.WorkingDirectory)
            return -Errno.ENOENT;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Access, handle, X_OK, AtFlags.EffectiveAccess | AtFlags.EmptyPath);
        long result = VfsPool.Take(task, &request, 1, 1);
        if (result < 0)
            return result;
        request.PoolLength = 0;
        result = VfsClient.Call(task, &request);
        VfsPool.Give(task, &request);
        if (result >= 0)
            result = VfsClient.Call(task, VfsOperation.Duplicate, handle, 0, 0, 1); // for execution
        if (result < 0)
            return result == -Errno.EINTR ? -Errno.EAGAIN : result;
        long got = Read(task, (uint)result, 0, prefix, *prefixLength);
        if (got >= 0)
        {
            *prefixLength = (uint)got;
            return result;
        }
        Close(task, (uint)result);
        return got;
    }

    /// <summary>Reads into the personality's own memory. Returns bytes read (short only at the end of the file) or -errno.</summary>
    public static long Read(TaskState* task, uint handle, ulong offset, byte* buffer, uint length) =>
        ReadWriteCalls.ReadOwn(task, handle, offset, buffer, length);

    /// <summary>
    /// Maps parts of the file privately at free, page-aligned addresses. Returns 0 or -errno. With <paramref name="closes"/> vfs may close the handle, whatever
    /// the result, and <paramref name="isClosed"/> says whether it has.
    /// </summary>
    public static long Map(TaskState* task, uint handle, ProgramSegment* segments, uint count, bool closes, out bool isClosed)
    {
        isClosed = false;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.MapProgram, handle, count, closes ? 1ul : 0);
        uint length = count * ProgramSegment.EntryLength;
        long result = VfsPool.Take(task, &request, length, length);
        if (result < 0)
            return result;
        BlockMemory.Move(VfsPool.BufferOf(&request), segments, length);
        result = VfsClient.Call(task, &request);
        isClosed = request.V0 == 1;
        VfsPool.Give(task, &request);
        return result > 0 ? 0 : result;
    }

    /// <summary>Closes.</summary>
    public static void Close(TaskState* task, uint handle) => VfsClient.Call(task, VfsOperation.Close, handle);
}
