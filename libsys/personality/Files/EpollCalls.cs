using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>epoll_create1(2), epoll_ctl(2), epoll_wait(2), epoll_pwait and epoll_pwait2.</summary>
internal static unsafe class EpollCalls
{
    private const uint EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;

    /// <summary>Bytes of struct epoll_event, which is packed on x86-64: events, data.</summary>
    private const ulong EventLength = 12;

    /// <summary>epoll_create1.</summary>
    public static long Create(TaskState* task, ulong flags)
    {
        if (((uint)flags & ~OpenFlags.CloseOnExec) != 0)
            return -Errno.EINVAL;
        long number = DescriptorTable.Reserve(task);
        if (number < 0)
            return number;
        EpollSet* set = EpollSet.Create();
        if (set == null)
        {
            DescriptorTable.Unreserve(task, number);
            return -Errno.ENOMEM;
        }
        uint bits = DescriptorBits.Local | ((uint)flags != 0 ? DescriptorBits.CloseOnExec : 0);
        DescriptorTable.Install(task, number, EpollSet.NumberOf(set), bits, 0x180, OpenFlags.ReadWrite);
        return number;
    }

    /// <summary>epoll_ctl.</summary>
    public static long Control(TaskState* task, ulong epoll, ulong operation, ulong fd, ulong eventAddress)
    {
        uint kind = (uint)operation, events = 0;
        ulong data = 0;
        if (kind != EPOLL_CTL_DEL && (!UserMemory.ReadU32(eventAddress, out events) || !UserMemory.ReadU64(eventAddress + 4, out data)))
            return -Errno.EFAULT;
        Descriptor own, target;
        if (!DescriptorTable.Find(task, epoll, &own) || !DescriptorTable.Find(task, fd, &target))
            return -Errno.EBADF;
        // Sets of sets: only poll and select look into a set here.
        if ((own.Bits & DescriptorBits.Local) == 0 || (target.Bits & DescriptorBits.Local) != 0)
            return -Errno.EINVAL;
        if (kind == EPOLL_CTL_ADD && DescriptorFacts.Learn(task, fd, &target) && (target.Mode & InodeMode.TypeMask) is InodeMode.Regular or InodeMode.Directory)
            return -Errno.EPERM;
        EpollSet* set = EpollSet.At(own.Handle);
        PersonalityLock.Enter(&set->Lock);
        long result = Change(set, kind, (int)(uint)fd, target.Handle, events, data);
        PersonalityLock.Exit(&set->Lock);
        if (result == 0 && kind != EPOLL_CTL_DEL)
            WakeWaiters(task, set);
        return result;
    }

    /// <summary>epoll_wait, epoll_pwait (timeout in milliseconds).</summary>
    public static long Wait(TaskState* task, ulong epoll, ulong events, ulong most, ulong milliseconds, ulong mask, ulong maskSize) =>
        WaitMasked(task, epoll, events, most, PollWait.FromMilliseconds((int)(uint)milliseconds), mask, maskSize);

    /// <summary>epoll_pwait2 (struct timespec).</summary>
    public static long WaitPrecisely(TaskState* task, ulong epoll, ulong events, ulong most, ulong timeout, ulong mask, ulong maskSize)
    {
        ulong deadline = Deadline.Never;
        if (timeout != 0)
        {
            long status = TimeSpecification.Read(timeout, out ulong nanoseconds);
            if (status < 0)
                return status;
            deadline = PollWait.FromNanoseconds(nanoseconds);
        }
        return WaitMasked(task, epoll, events, most, deadline, mask, maskSize);
    }

    private static long Change(EpollSet* set, uint kind, int number, uint handle, uint events, ulong data)
    {
        EpollItem* item = EpollSet.Find(set, number, handle);
        switch (kind)
        {
            case EPOLL_CTL_ADD:
                if (item != null)
                    return -Errno.EEXIST;
                item = EpollSet.Add(set);
                if (item == null)
                    return -Errno.ENOMEM;
                item->Number = number;
                item->Handle = handle;
                break;
            case EPOLL_CTL_MOD:
                if (item == null)
                    return -Errno.ENOENT;
                break;
            case EPOLL_CTL_DEL:
                if (item == null)
                    return -Errno.ENOENT;
                EpollSet.RemoveAt(set, (int)(item - set->Items));
                return 0;
            default:
                return -Errno.EINVAL;
        }
        item->Events = events;
        item->Data = data;
        item->Reported = 0;
        item->ReportedAt = 0;
        item->IsNumbered = 0;
        return 0;
    }

    /// <summary>
    /// Threads that wait on the set poll an old copy of it. They are interrupted, find no signal, and so start the call again with the new list.
    /// </summary>
    private static void WakeWaiters(TaskState* task, EpollSet* set)
    {
        ProcessState* process = task->Process;
        if (process->TaskCount == 1)
            return;
        PersonalityLock.Enter(&process->TaskLock);
        for (TaskState* other = process->Tasks; other != null; other = other->Next)
        {
            if (other != task && Volatile.Read(ref other->FilesState0) == (ulong)set)
                KernelCalls.InterruptSlot(other->Slot);
        }
        PersonalityLock.Exit(&process->TaskLock);
    }

    private static long WaitMasked(TaskState* task, ulong epoll, ulong events, ulong most, ulong deadline, ulong mask, ulong maskSize)
    {
        int count = (int)(uint)most;
        if (count <= 0 || (ulong)count > int.MaxValue / EventLength)
            return -Errno.EINVAL;
        if (!UserMemory.IsUser(events, (ulong)count * EventLength))
            return -Errno.EFAULT;
        Descriptor own;
        if (!DescriptorTable.Find(task, epoll, &own))
            return -Errno.EBADF;
        if ((own.Bits & DescriptorBits.Local) == 0)
            return -Errno.EINVAL;
        long result = PollWait.EnterMask(task, mask, maskSize);
        if (result < 0)
            return result;
        EpollSet* set = EpollSet.At(own.Handle);
        EpollSet.AddReference(set);
        // Set before the list is read: whoever changes the list after that finds the thread.
        Interlocked.Exchange(ref task->FilesState0, (ulong)set);
        do
            result = Once(task, set, events, count, deadline);
        while (result == 0 && deadline != Deadline.Poll && (deadline == Deadline.Never || Clock.Now < deadline));
        Volatile.Write(ref task->FilesState0, 0);
        EpollSet.Release(set);
        return PollWait.LeaveMask(task, result == -Errno.EINTR ? -Errno.RestartNoHandler : result);
    }

    private static long Once(TaskState* task, EpollSet* set, ulong events, int most, ulong deadline)
    {
        PollSet poll;
        bool complete;
        do
        {
            PollSet.Begin(&poll);
            complete = EpollSet.AppendTo(task, set, &poll, uint.MaxValue);
            if (poll.Unmapped == 0 || !MemoryPoll.Obtain(task, poll.Unmapped))
                break;
            // Edges of it can be told apart now.
            PollSet.End(&poll);
        }
        while (true);
        long result = complete ? PollWait.Wait(task, &poll, deadline) : -Errno.ENOMEM;
        if (result > 0)
        {
            result = 0;
            for (int i = 0; i < poll.Count && result >= 0 && result < most; i++)
            {
                if (poll.Entries[i].Returned != 0 && Report(task, set, poll.Owners[i], poll.Entries + i, out uint found, out ulong data))
                {
                    ulong address = events + (ulong)result * EventLength;
                    bool written = UserMemory.WriteU32(address, found) && UserMemory.WriteU64(address + 4, data);
                    result = written ? result + 1 : -Errno.EFAULT;
                }
            }
        }
        PollSet.End(&poll);
        return result;
    }

    /// <summary>Notes what is reported of an item. False if the item is gone or changed meanwhile.</summary>
    private static bool Report(TaskState* task, EpollSet* set, uint index, VfsPollEntry* entry, out uint found, out ulong data)
    {
        found = 0;
        data = 0;
        PersonalityLock.Enter(&set->Lock);
        bool known = index < (uint)set->Count && set->Items[index].Handle == PollSet.HandleOf(entry);
        if (known)
        {
            EpollItem* item = set->Items + index;
            found = entry->Returned & (item->Events | PollEvents.Error | PollEvents.HangUp);
            data = item->Data;
            if (found != 0 && (item->Events & EpollSet.EdgeTriggered) != 0)
                ReportEdge(task, item, entry->Handle, ref found);
            if (found != 0 && (item->Events & EpollSet.OneShot) != 0)
                item->Events &= EpollSet.EdgeTriggered | EpollSet.OneShot;
        }
        PersonalityLock.Exit(&set->Lock);
        return found != 0;
    }

    /// <summary>
    /// An edge, with the set's lock held. Where changes are numbered the number is taken before the look that is reported, and if it is that of the last report
    /// another thread has reported this edge.
    /// </summary>
    private static void ReportEdge(TaskState* task, EpollItem* item, uint handle, ref uint found)
    {
        uint number = 0;
        ushort bits = 0;
        bool isNumbered = MemoryPoll.TryLook(task, handle, (ushort)item->Events, out bits, out number);
        if (isNumbered)
        {
            uint wanted = item->Events | PollEvents.Error | PollEvents.HangUp;
            found = item->Reported != 0 && item->IsNumbered != 0 && item->ReportedAt == number ? 0 : bits & wanted;
        }
        if (found == 0)
            return;
        item->Reported |= found;
        item->ReportedAt = isNumbered ? number : DescriptorTable.Activity(task, item->Handle);
        item->IsNumbered = isNumbered ? 1u : 0;
    }
}
