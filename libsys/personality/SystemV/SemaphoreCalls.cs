using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>semget(2), semop(2), semtimedop(2), semctl(2): vfs owns the sets, and waits. docs/system-v-ipc.md.</summary>
internal static unsafe class SemaphoreCalls
{
    // So many values come with the first request of GETALL; more need a second one.
    private const uint FewValues = 128;

    /// <summary>semget(key, number of semaphores, flags).</summary>
    public static long Get(TaskState* task, ulong key, ulong count, ulong flags) =>
        VfsClient.Call(task, VfsOperation.GetSemaphores, (uint)key, (ulong)(int)count, (uint)flags);

    /// <summary>semtimedop(id, operations, number, timeout), semop with a timeout of null: waits for ever, and no signal's end begins it anew.</summary>
    public static long Operate(TaskState* task, ulong id, ulong operations, ulong count, ulong timeout)
    {
        ulong deadline = Deadline.Never;
        if (timeout != 0)
        {
            long wrong = TimeSpecification.Read(timeout, out ulong nanoseconds);
            if (wrong < 0)
                return wrong;
            deadline = PollWait.FromNanoseconds(nanoseconds);
        }

        uint number = (uint)count;
        if (number < 1 || (int)id < 0)
            return -Errno.EINVAL;
        if (number > SemaphoreNumbers.MostOperations)
            return -Errno.E2BIG;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.OperateSemaphores, (uint)id, number, deadline == Deadline.Poll ? 1ul : 0);
        uint length = number * SemaphoreLayout.OperationLength;
        long result = VfsPool.Take(task, &request, length, length);
        if (result < 0)
            return result == -Errno.RestartSystemCall ? -Errno.EINTR : result;
        request.Deadline = deadline == Deadline.Poll ? Deadline.Never : deadline;
        if (UserMemory.CopyIn(VfsPool.BufferOf(&request), operations, length))
            result = VfsClient.Call(task, &request);
        else
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        return result == -Errno.EINTR && request.Ending == VfsEnding.TimedOut ? -Errno.EAGAIN : result;
    }

    /// <summary>semctl(id, number, command, argument).</summary>
    public static long Control(TaskState* task, ulong id, ulong number, ulong command, ulong argument)
    {
        if ((int)id < 0)
            return -Errno.EINVAL;
        switch ((uint)command)
        {
            case SystemVNumbers.Information or SemaphoreNumbers.SemaphoreInformation:
                return SystemVRecord.Exchange(task, VfsOperation.ControlSemaphores, id, command, argument, SemaphoreLayout.InformationLength, isInput: false);
            case SystemVNumbers.Stat or SystemVNumbers.Set or SemaphoreNumbers.StatIndex or SemaphoreNumbers.StatAny:
                bool isInput = (uint)command == SystemVNumbers.Set;
                return SystemVRecord.Exchange(task, VfsOperation.ControlSemaphores, id, command, argument, SemaphoreLayout.Length, isInput);
            case SemaphoreNumbers.GetAll:
                return GetAll(task, id, argument);
            case SemaphoreNumbers.SetAll:
                return SetAll(task, id, argument);
            case SemaphoreNumbers.SetValue when (int)argument < 0:
                return -Errno.ERANGE;
            default:
                return VfsClient.Call(task, VfsOperation.ControlSemaphores, (uint)id, (uint)command, (uint)number, (uint)argument);
        }
    }

    private static long GetAll(TaskState* task, ulong id, ulong values)
    {
        for (uint room = FewValues; ;)
        {
            VfsRequest request;
            VfsRequest.Begin(&request, VfsOperation.ControlSemaphores, (uint)id, SemaphoreNumbers.GetAll);
            long result = VfsPool.Take(task, &request, room * sizeof(ushort), room * sizeof(ushort));
            if (result < 0)
                return result;
            result = VfsClient.Call(task, &request);
            ulong count = request.V0;
            bool isWhole = result < 0 || count <= room;
            if (result >= 0 && isWhole && !UserMemory.CopyOut(values, VfsPool.BufferOf(&request), count * sizeof(ushort)))
                result = -Errno.EFAULT;
            VfsPool.Give(task, &request);
            if (isWhole)
                return result;
            if (count > SemaphoreNumbers.MostOfSet)
                return -Errno.EIO;
            room = (uint)count;
        }
    }

    private static long SetAll(TaskState* task, ulong id, ulong values)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.ControlSemaphores, (uint)id, SemaphoreNumbers.SetAll);
        long result = VfsClient.Call(task, &request);
        ulong count = request.V0;
        if (result < 0)
            return result;
        if (count is 0 or > SemaphoreNumbers.MostOfSet)
            return -Errno.EIO;
        return SystemVRecord.Exchange(
            task, VfsOperation.ControlSemaphores, id, SemaphoreNumbers.SetAll, values, (uint)count * sizeof(ushort), isInput: true);
    }
}
