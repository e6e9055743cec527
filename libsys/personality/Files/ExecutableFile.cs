using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>A program file while it is being started, in a space that has a connection to vfs. Used by the loader.</summary>
internal static unsafe class ExecutableFile
{
    private const ulong X_OK = 1;

    /// <summary>
    /// Opens for execution, relative to a vfs directory handle or the working directory (0xFFFFFFFF). An empty path is the handle itself (execveat with
    /// AT_EMPTY_PATH). Returns a vfs handle or -errno: EACCES also for what is not a regular file, execve(2).
    /// </summary>
    public static long Open(TaskState* task, byte* path, uint length, uint directory)
    {
        VfsRequest request;
        // A path is checked while it is opened; a handle is open already.
        VfsRequest.Begin(&request, VfsOperation.Access, directory, X_OK, AtFlags.EffectiveAccess | AtFlags.EmptyPath);
        if (length > VfsLimits.PathLimit)
            return -Errno.ENAMETOOLONG;
        if (length == 0 && directory == VfsLimits.WorkingDirectory)
            return -Errno.ENOENT;
        long result = VfsPool.Take(task, &request, length == 0 ? 1 : length, length == 0 ? 1 : length);
        if (result < 0)
            return result;
        if (length > 0 && *path == (byte)'/')
            request.A0 = VfsLimits.WorkingDirectory;
        BlockMemory.Move(VfsPool.BufferOf(&request), path, length);
        request.PoolLength = length;
        result = length == 0 ? VfsClient.Call(task, &request) : 0;
        if (result >= 0)
        {
            ulong from = request.A0;
            request.Operation = length == 0 ? VfsOperation.Duplicate : VfsOperation.Open;
            request.A0 = from;
            request.A1 = 0; // O_RDONLY
            request.A2 = 0;
            request.A3 = 1; // for execution
            request.Ending = VfsEnding.Completed;
            result = VfsClient.Call(task, &request);
        }
        VfsPool.Give(task, &request);
        if (result < 0)
            return result == -Errno.EINTR ? -Errno.EAGAIN : result;
        if (length > 0 && (request.V0 & InodeMode.TypeMask) != InodeMode.Regular)
        {
            Close(task, (uint)result);
            return -Errno.EACCES;
        }
        return result;
    }

    /// <summary>Reads into the personality's own memory. Returns bytes read (short only at the end of the file) or -errno.</summary>
    public static long Read(TaskState* task, uint handle, ulong offset, byte* buffer, uint length) =>
        ReadWriteCalls.ReadOwn(task, handle, offset, buffer, length);

    /// <summary>Maps file pages privately at a free, page-aligned address. Returns 0 or -errno.</summary>
    public static long Map(TaskState* task, uint handle, ulong address, ulong length, MapFlags flags, ulong offset) =>
        FileMapping.MapHandle(task, handle, address, length, flags, offset);

    /// <summary>Closes.</summary>
    public static void Close(TaskState* task, uint handle) => VfsClient.Call(task, VfsOperation.Close, handle);
}
