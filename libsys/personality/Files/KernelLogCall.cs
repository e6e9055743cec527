using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>syslog(2): the kernel's log, which vfs keeps the reading positions of.</summary>
internal static unsafe class KernelLogCall
{
    private const uint Read = 2, ReadClear = 4;

    // A record and more; whoever gets less than the buffer reads again.
    private const uint LeastRoom = 4096;

    /// <summary>syslog(action, buffer, length).</summary>
    public static long Call(TaskState* task, ulong action, ulong buffer, ulong length)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.KernelLog, (uint)action, (uint)length, buffer != 0 ? 1ul : 0);
        bool reads = (uint)action is >= Read and <= ReadClear && buffer != 0 && (int)(uint)length > 0;
        if (reads && !UserMemory.IsUser(buffer, (uint)length))
        {
            // vfs decides first whether the program may ask at all.
            request.A1 = 0;
            long allowed = VfsClient.Call(task, &request);
            return allowed < 0 ? allowed : -Errno.EFAULT;
        }
        uint wanted = (uint)length;
        if (reads)
        {
            if ((uint)action == Read)
                wanted = VfsPool.PatientLength(task, wanted);
            long taken = VfsPool.Take(task, &request, wanted, wanted < LeastRoom ? wanted : LeastRoom);
            if (taken < 0)
                return taken;
        }
        uint room = request.PoolLength;
        long result = VfsClient.Call(task, &request);
        if (reads && result > room)
            result = -Errno.EIO;
        if (reads && result > 0 && !UserMemory.CopyOut(buffer, VfsPool.BufferOf(&request), (ulong)result))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result == -Errno.EINTR && request.Ending == VfsEnding.Interrupted ? -Errno.RestartSystemCall : result;
    }
}
