using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>msgget(2), msgsnd(2), msgrcv(2), msgctl(2): vfs owns the queues, and waits. docs/system-v-ipc.md.</summary>
internal static unsafe class QueueCalls
{
    // What lies before the text of struct msgbuf.
    private const uint TypeLength = sizeof(long);

    // Longest message that travels, which one block of the pool holds.
    private const uint MostText = QueueNumbers.LargestMessage;

    /// <summary>msgget(key, flags).</summary>
    public static long Get(TaskState* task, ulong key, ulong flags) => VfsClient.Call(task, VfsOperation.GetQueue, (uint)key, (uint)flags);

    /// <summary>msgsnd(id, message, length of its text, flags).</summary>
    public static long Send(TaskState* task, ulong id, ulong message, ulong length, ulong flags)
    {
        if (!UserMemory.ReadU64(message, out ulong type))
            return -Errno.EFAULT;
        if ((long)length < 0 || (int)id < 0 || length > MostText || (long)type < 1)
            return -Errno.EINVAL;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.SendQueued, (uint)id, type, (uint)flags);
        long result = length == 0 ? 0 : VfsPool.Take(task, &request, (uint)length, (uint)length);
        if (result < 0)
            return result == -Errno.RestartSystemCall ? -Errno.EINTR : result;
        if (length == 0 || UserMemory.CopyIn(VfsPool.BufferOf(&request), message + TypeLength, length))
            result = VfsClient.Call(task, &request);
        else
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result;
    }

    /// <summary>msgrcv(id, message, room for its text, type, flags): bytes of text.</summary>
    public static long Receive(TaskState* task, ulong id, ulong message, ulong room, ulong type, ulong flags)
    {
        if ((long)room < 0 || (int)id < 0)
            return -Errno.EINVAL;
        uint most = room < MostText ? (uint)room : MostText;
        // Who waits holds little of the pool; a message that turns out to be longer is asked for again.
        long result = Receive(task, id, message, room, type, flags, VfsPool.PatientLength(task, most));
        return result == -Errno.ENOBUFS ? Receive(task, id, message, room, type, flags, most) : result;
    }

    private static long Receive(TaskState* task, ulong id, ulong message, ulong room, ulong type, ulong flags, uint taken)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.ReceiveQueued, (uint)id, type, (uint)flags, room);
        long result = taken == 0 ? 0 : VfsPool.Take(task, &request, taken, taken);
        if (result < 0)
            return result == -Errno.RestartSystemCall ? -Errno.EINTR : result;
        result = VfsClient.Call(task, &request);
        if (result > taken)
            result = -Errno.EIO;
        bool isThere = result < 0 || UserMemory.WriteU64(message, request.V0);
        if (isThere && result > 0)
            isThere = UserMemory.CopyOut(message + TypeLength, VfsPool.BufferOf(&request), (ulong)result);
        VfsPool.Give(task, &request);
        return isThere ? result : -Errno.EFAULT;
    }

    /// <summary>msgctl(id, command, buffer).</summary>
    public static long Control(TaskState* task, ulong id, ulong command, ulong buffer)
    {
        if ((int)id < 0 || (int)command < 0)
            return -Errno.EINVAL;
        uint length = (uint)command switch
        {
            SystemVNumbers.Information or QueueNumbers.QueueInformation => QueueLayout.InformationLength,
            SystemVNumbers.Stat or SystemVNumbers.Set or QueueNumbers.StatIndex or QueueNumbers.StatAny => QueueLayout.Length,
            _ => 0,
        };
        return SystemVRecord.Exchange(task, VfsOperation.ControlQueue, id, command, buffer, length, isInput: (uint)command == SystemVNumbers.Set);
    }
}
