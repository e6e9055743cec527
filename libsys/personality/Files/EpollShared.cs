using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Sets that vfs has (<see cref="DescriptorBits.Set"/>): each call is a request.</summary>
internal static unsafe class EpollShared
{
    /// <summary>epoll_ctl of a member that vfs can wait for. EPERM: it cannot.</summary>
    public static long Control(TaskState* task, uint set, uint kind, Descriptor* target, uint number, uint events, ulong data)
    {
        if ((target->Bits & (DescriptorBits.Local | DescriptorBits.Signals | DescriptorBits.Server)) != 0)
            return kind == SetEntry.Add ? -Errno.EPERM : -Errno.ENOENT;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.ChangeSet, set, 1);
        long result = VfsPool.Take(task, &request, SetEntry.Length, SetEntry.Length);
        if (result < 0)
            return result;
        byte* entry = VfsPool.BufferOf(&request);
        *(uint*)(entry + SetEntry.Operation) = kind;
        *(uint*)(entry + SetEntry.Number) = number;
        *(uint*)(entry + SetEntry.Handle) = target->Handle;
        *(uint*)(entry + SetEntry.Events) = events | PollEvents.Error | PollEvents.HangUp;
        *(uint*)(entry + SetEntry.Reported) = 0;
        *(ulong*)(entry + SetEntry.Data) = data;
        result = VfsClient.Call(task, &request);
        VfsPool.Give(task, &request);
        return PathArgument.Restart(&request, result);
    }

    /// <summary>epoll_wait: how many events were written, 0 when the deadline passed, −EINTR or another −errno.</summary>
    public static long Wait(TaskState* task, uint set, ulong events, int most, ulong deadline)
    {
        VfsRequest request;
        uint count = most < SetEntry.MostEvents ? (uint)most : SetEntry.MostEvents;
        VfsRequest.Begin(&request, VfsOperation.WaitSet, set, count, deadline == Deadline.Poll ? 0ul : 1);
        long result = VfsPool.Take(task, &request, count * SetEntry.EventLength, count * SetEntry.EventLength);
        if (result < 0)
            return result == -Errno.RestartSystemCall ? -Errno.EINTR : result;
        request.Deadline = deadline == Deadline.Poll ? Deadline.Never : deadline;
        result = VfsClient.Call(task, &request);
        if (result > 0 && !UserMemory.CopyOut(events, VfsPool.BufferOf(&request), (result < count ? (ulong)result : count) * SetEntry.EventLength))
            result = -Errno.EFAULT;
        VfsPool.Give(task, &request);
        if (result == -Errno.EINTR && request.Ending == VfsEnding.TimedOut)
            return 0;
        return result > count ? count : result;
    }
}
