using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Ids: getresuid(2), setuid(2) and its kin, groups(2), process groups and sessions through the process server; getuid(2) and its kin are
/// <see cref="KnownIds"/>.
/// </summary>
internal static unsafe class IdentityCalls
{
    private const int MostGroups = 12;

    /// <summary>getppid: looked at every time, because a parent may end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Parent(TaskState* task) => PublishedIdWords.TryReadShown(task, PublishedIds.Parent, out uint parent) ? parent : AskParent(task);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long AskParent(TaskState* task)
    {
        if (PublishedIdWords.TryRead(task, PublishedIds.Parent, out uint parent))
            return parent;
        long pid = ControlCalls.Call(task, ProcessOperation.Identify, 0, 0, 0, 0, 0);
        return pid < 0 ? 0 : (long)KernelCalls.MessageWords(task)[1];
    }

    /// <summary>getresuid, getresgid.</summary>
    public static long GetAll(TaskState* task, bool groups, ulong real, ulong effective, ulong saved)
    {
        ulong pair = groups ? KnownIds.Groups(task) : KnownIds.Users(task);
        uint third = (uint)(KnownIds.Saved(task) >> (groups ? 32 : 0));
        return UserMemory.WriteU32(real, (uint)pair) && UserMemory.WriteU32(effective, (uint)(pair >> 32)) && UserMemory.WriteU32(saved, third) ? 0
            : -Errno.EFAULT;
    }

    /// <summary>setuid, setgid, setreuid, ... The answer comes when vfs has the new ids too.</summary>
    public static long Change(TaskState* task, CredentialChange change, ulong a, ulong b = 0, ulong c = 0)
    {
        KnownIds.Forget(task->Process);
        long result = ControlCalls.Call(task, ProcessOperation.SetCredentials, (ulong)change, (uint)a, (uint)b, (uint)c, 0);
        KnownIds.Refresh(task);
        return result;
    }

    /// <summary>getgroups(size, list).</summary>
    public static long GetGroups(TaskState* task, ulong size, ulong list)
    {
        if ((int)(uint)size < 0)
            return -Errno.EINVAL;
        long count = ControlCalls.Call(task, ProcessOperation.GetGroups, 0, 0, 0, 0, 0);
        // Nothing to write: the list may be anywhere.
        if (count <= 0 || (uint)size == 0)
            return count;
        if (count > MostGroups)
            return -Errno.EIO;
        if (count > (long)size)
            return -Errno.EINVAL;
        return UserMemory.CopyOut(list, KernelCalls.MessageWords(task) + 1, (ulong)count * 4) ? count : -Errno.EFAULT;
    }

    /// <summary>setgroups(size, list): up to as many as the process server keeps.</summary>
    public static long SetGroups(TaskState* task, ulong size, ulong list)
    {
        if ((uint)size > MostGroups)
            return -Errno.EINVAL;
        ulong* pairs = stackalloc ulong[MostGroups / 2];
        for (int i = 0; i < MostGroups / 2; i++)
            pairs[i] = 0;
        if ((uint)size != 0 && !UserMemory.CopyIn(pairs, list, (uint)size * 4))
            return -Errno.EFAULT;
        // Six words of groups are more than the ordinary call carries.
        ulong* words = KernelCalls.MessageWords(task);
        words[0] = (ulong)ProcessOperation.SetGroups;
        words[1] = (uint)size;
        for (int i = 0; i < MostGroups / 2; i++)
            words[2 + i] = pairs[i];
        TaskState.MessageOf(task)->HandleCount = 0;
        long status = KernelCalls.Call(WellKnownHandle.Control, Deadline.Never, WaitFlags.Uninterruptible);
        return status < 0 ? -Errno.ESRCH : (long)words[0];
    }

    /// <summary>getpgid; getpgrp is getpgid(0).</summary>
    public static long ProcessGroup(TaskState* task, ulong pid) => IsOwn(task, pid) && PublishedIdWords.TryRead(task, PublishedIds.Group, out uint group)
        ? group
        : ControlCalls.Call(task, ProcessOperation.GetProcessGroup, (ulong)(long)(int)(uint)pid, 0, 0, 0, 0);

    /// <summary>getsid.</summary>
    public static long Session(TaskState* task, ulong pid) => IsOwn(task, pid) && PublishedIdWords.TryRead(task, PublishedIds.Session, out uint session)
        ? session
        : ControlCalls.Call(task, ProcessOperation.GetSession, (ulong)(long)(int)(uint)pid, 0, 0, 0, 0);

    /// <summary>setpgid.</summary>
    public static long SetProcessGroup(TaskState* task, ulong pid, ulong group) => (int)(uint)group < 0
        ? -Errno.EINVAL
        : ControlCalls.Call(task, ProcessOperation.SetProcessGroup, (ulong)(long)(int)(uint)pid, (uint)group, 0, 0, 0);

    private static bool IsOwn(TaskState* task, ulong pid) => (uint)pid == 0 || (uint)pid == task->Process->ProcessId;
}
