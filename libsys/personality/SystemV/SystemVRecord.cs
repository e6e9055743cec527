using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Calls of System V IPC that give a structure to vfs or get one.</summary>
internal static unsafe class SystemVRecord
{
    /// <summary>
    /// Makes a request about an object, with a structure of <paramref name="length"/> bytes of the program as its payload, which is read before
    /// (<paramref name="isInput"/>) or written afterwards. The result, or −EFAULT.
    /// </summary>
    public static long Exchange(TaskState* task, VfsOperation operation, ulong id, ulong command, ulong buffer, uint length, bool isInput)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, operation, (uint)id, (uint)command);
        long result = length == 0 ? 0 : VfsPool.Take(task, &request, length, length);
        if (result < 0)
            return result;
        if (isInput && !UserMemory.CopyIn(VfsPool.BufferOf(&request), buffer, length))
            result = -Errno.EFAULT;
        if (result == 0)
            result = VfsClient.Call(task, &request);
        if (result >= 0 && length != 0 && !isInput && !UserMemory.CopyOut(buffer, VfsPool.BufferOf(&request), length))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result;
    }
}
