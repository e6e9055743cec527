using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>epoll_create1(2), epoll_ctl(2), epoll_wait(2), epoll_pwait and epoll_pwait2.</summary>
internal static unsafe class EpollCalls
{
    private const uint EPOLL_CTL_ADD = SetEntry.Add, EPOLL_CTL_DEL = SetEntry.Delete, EPOLL_CTL_MOD = SetEntry.Modify;

    /// <summary>What may be asked for beside EPOLLEXCLUSIVE, epoll_ctl(2): EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP, EPOLLWAKEUP and EPOLLET.</summary>
    private const uint WithExclusive = PollEvents.In | PollEvents.Out | PollEvents.Error | PollEvents.HangUp | EpollEvents.Exclusive | EpollEvents.WakeUp
        | EpollEvents.EdgeTriggered;

    /// <summary>Bytes of struct epoll_event.</summary>
    public const ulong EventLength = SetEntry.EventLength;

    /// <summary>epoll_create1.</summary>
    public static long Create(TaskState* task, ulong flags)
    {
        if (((uint)flags & ~OpenFlags.CloseOnExec) != 0)
            return -Errno.EINVAL;
        long number = DescriptorTable.Reserve(task);
        if (number < 0)
            return number;
        EpollSet* set = EpollSet.Create(task->Process->Space);
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
        if ((target.Bits & DescriptorBits.Local) == 0 && DescriptorFacts.Learn(task, fd, &target) && !CanBePolled(&target))
            return -Errno.EPERM;
        const uint anySet = DescriptorBits.Local | DescriptorBits.Set;
        bool isSet = (target.Bits & anySet) != 0;
        if ((own.Bits & anySet) == 0 || ((own.Bits & target.Bits & anySet) != 0 && own.Handle == target.Handle))
            return -Errno.EINVAL;
        // epoll_ctl(2): what EPOLLEXCLUSIVE does not go with.
        if ((events & EpollEvents.Exclusive) != 0
            && (kind == EPOLL_CTL_MOD || (kind == EPOLL_CTL_ADD && (isSet || (events & ~WithExclusive) != 0))))
        {
            return -Errno.EINVAL;
        }
        if ((own.Bits & DescriptorBits.Set) != 0 || (target.Bits & DescriptorBits.Set) != 0)
            return ControlShared(task, kind, epoll, fd, events, data);
        DescriptorTable* table = task->Process->Descriptors;
        PersonalityLock.Enter(&table->Lock);
        long result = Change(task, table, kind, &own, (int)(uint)epoll, &target, (int)(uint)fd, events, data);
        PersonalityLock.Exit(&table->Lock);
        if (result == 0 && kind != EPOLL_CTL_DEL)
            WakeWaiters(task);
        return result;
    }

    /// <summary>epoll_wait, epoll_pwait (timeout in milliseconds).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    // One of the two is a set that vfs has: so are both then, unless the other cannot be.
    private static long ControlShared(TaskState* task, uint kind, ulong epoll, ulong fd, uint events, ulong data)
    {
        long result = EpollMove.All(task);
        if (result < 0)
            return result;
        Descriptor own, target;
        if (!DescriptorTable.Find(task, epoll, &own) || !DescriptorTable.Find(task, fd, &target))
            return -Errno.EBADF;
        if ((own.Bits & DescriptorBits.Set) != 0)
            return EpollShared.Control(task, own.Handle, kind, &target, (uint)fd, events, data);
        DescriptorTable* table = task->Process->Descriptors;
        PersonalityLock.Enter(&table->Lock);
        result = Change(task, table, kind, &own, (int)(uint)epoll, &target, (int)(uint)fd, events, data);
        PersonalityLock.Exit(&table->Lock);
        if (result == 0 && kind != EPOLL_CTL_DEL)
            WakeWaiters(task);
        return result;
    }

    private static bool CanBePolled(Descriptor* target) =>
        (target->Mode & InodeMode.TypeMask) is not (InodeMode.Regular or InodeMode.Directory)
        && DescriptorBits.DeviceOf(target->Bits) is MemoryDeviceKind.None or MemoryDeviceKind.Random;

    // With the table's lock held. What has been closed since it was looked up is EBADF, as if it had been closed before.
    private static long Change(
        TaskState* task, DescriptorTable* table, uint kind, Descriptor* own, int epoll, Descriptor* target, int number, uint events, ulong data)
    {
        Descriptor* ownNow = DescriptorTable.At(table, epoll), targetNow = DescriptorTable.At(table, number);
        if (ownNow == null || targetNow == null || ownNow->Handle != own->Handle || targetNow->Handle != target->Handle)
            return -Errno.EBADF;
        // It has moved at this moment: the call starts again.
        if (((ownNow->Bits ^ own->Bits | targetNow->Bits ^ target->Bits) & DescriptorBits.Local) != 0)
            return -Errno.RestartSystemCall;
        EpollSet* set = EpollSet.At(own->Handle);
        bool isSet = (target->Bits & DescriptorBits.Local) != 0;
        if (isSet && kind == EPOLL_CTL_ADD && !EpollNesting.IsAllowed(table, set, EpollSet.At(target->Handle)))
            return -Errno.ELOOP;
        PersonalityLock.Enter(&set->Lock);
        long result = ChangeItem(task, table, set, kind, target, number, events, data);
        PersonalityLock.Exit(&set->Lock);
        return result;
    }

    private static long ChangeItem(
        TaskState* task, DescriptorTable* table, EpollSet* set, uint kind, Descriptor* target, int number, uint events, ulong data)
    {
        EpollItem* item = EpollList.Find(table, set, number, target->Handle);
        switch (kind)
        {
            case EPOLL_CTL_ADD:
                if (item != null)
                    return -Errno.EEXIST;
                item = EpollList.Add(set);
                if (item == null)
                    return -Errno.ENOMEM;
                item->Number = number;
                item->Handle = target->Handle;
                item->Bits = target->Bits & (DescriptorBits.InMemory | DescriptorBits.Server | DescriptorBits.Local);
                item->Table = DescriptorTable.NumberOf(table);
                if ((target->Bits & DescriptorBits.Signals) != 0)
                    task->Process->Space->HasSignalsInSets = 1;
                item->Generation = (item->Bits & DescriptorBits.Local) != 0
                    ? EpollSet.At(target->Handle)->Id
                    : DescriptorTable.GenerationOf(table, target->Handle);
                break;
            case EPOLL_CTL_MOD:
                if (item == null)
                    return -Errno.ENOENT;
                if ((item->Events & EpollEvents.Exclusive) != 0)
                    return -Errno.EINVAL;
                break;
            case EPOLL_CTL_DEL:
                if (item == null)
                    return -Errno.ENOENT;
                EpollList.RemoveAt(set, (int)(item - set->Items));
                return 0;
            default:
                return -Errno.EINVAL;
        }
        item->Events = events | PollEvents.Error | PollEvents.HangUp;
        item->Data = data;
        item->Reported = 0;
        item->ReportedAt = 0;
        item->IsNumbered = 0;
        item->IsAsked = 0;
        return 0;
    }

    /// <summary>
    /// Threads that wait on a set, or a set with this one in it, poll an old copy of it, and those that wait for signals do so by an old mask. They are
    /// interrupted, find no signal, and so start the call again.
    /// </summary>
    public static void WakeWaiters(TaskState* task)
    {
        ProcessState* process = task->Process;
        if (process->TaskCount == 1)
            return;
        PersonalityLock.Enter(&process->TaskLock);
        for (TaskState* other = process->Tasks; other != null; other = other->Next)
        {
            if (other != task && (Volatile.Read(ref other->FilesState0) != 0 || Volatile.Read(ref other->Waiting) == TaskState.WaitsForReadiness))
                KernelCalls.InterruptSlot(other->Slot);
        }
        PersonalityLock.Exit(&process->TaskLock);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long WaitMasked(TaskState* task, ulong epoll, ulong events, ulong most, ulong deadline, ulong mask, ulong maskSize)
    {
        int count = (int)(uint)most;
        if (count <= 0 || (ulong)count > int.MaxValue / EventLength)
            return -Errno.EINVAL;
        if (!UserMemory.IsUser(events, (ulong)count * EventLength))
            return -Errno.EFAULT;
        if (mask == 0 && EpollMemory.TryAnswer(task, epoll, events, count, deadline != Deadline.Poll, out long result))
            return result;
        return WaitLonger(task, epoll, events, count, deadline, mask, maskSize);
    }

    private static long WaitLonger(TaskState* task, ulong epoll, ulong events, int count, ulong deadline, ulong mask, ulong maskSize)
    {
        Descriptor own;
        if (!DescriptorTable.Find(task, epoll, &own))
            return -Errno.EBADF;
        if ((own.Bits & (DescriptorBits.Local | DescriptorBits.Set)) == 0)
            return -Errno.EINVAL;
        long result = PollWait.EnterMask(task, mask, maskSize);
        if (result < 0)
            return result;
        result = (own.Bits & DescriptorBits.Set) != 0
            ? EpollShared.Wait(task, own.Handle, events, count, deadline)
            : WaitHere(task, epoll, EpollSet.At(own.Handle), events, count, deadline);
        if (result == -Errno.EINTR && mask == 0)
        {
            task->RestartKind = (uint)RestartKind.Epoll;
            task->RestartDeadline = deadline;
            task->RestartArgument0 = events;
            task->RestartArgument1 = (uint)epoll | (ulong)count << 32;
            return -Errno.RestartBlock;
        }
        return PollWait.LeaveMask(task, result == -Errno.EINTR ? -Errno.RestartNoHandler : result);
    }

    private static long WaitHere(TaskState* task, ulong epoll, EpollSet* set, ulong events, int count, ulong deadline)
    {
        bool takesTurn = deadline != Deadline.Poll && EpollTurn.IsUsed(task);
        EpollSet.AddReference(set);
        long result = takesTurn ? EpollTurn.Take(set, deadline) : 0;
        if (result == 0)
        {
            result = WaitInTurn(task, epoll, set, events, count, deadline);
            if (takesTurn)
                EpollTurn.Give(set);
        }
        EpollSet.Release(task->Process->Space, set);
        return result == -Errno.ETIMEDOUT ? 0 : result;
    }

    private static long WaitInTurn(TaskState* task, ulong epoll, EpollSet* set, ulong events, int count, ulong deadline)
    {
        Descriptor own;
        // Set before the list is read: whoever changes the list after that, or moves it, finds the thread.
        Interlocked.Exchange(ref task->FilesState0, (ulong)set);
        bool hasMoved = DescriptorTable.Find(task, epoll, &own) && (own.Bits & DescriptorBits.Set) != 0;
        long result = hasMoved ? -Errno.EINTR : 0;
        while (result == 0)
        {
            result = Once(task, set, events, count, deadline);
            if (deadline == Deadline.Poll || (deadline != Deadline.Never && Clock.Now >= deadline))
                break;
        }
        Volatile.Write(ref task->FilesState0, 0);
        return result;
    }

    /// <summary>restart_syscall after a wait that was interrupted without a handler, as by a change of the set: what is left of its time.</summary>
    public static long Restart(TaskState* task)
    {
        ulong both = task->RestartArgument1;
        return WaitLonger(task, (uint)both, task->RestartArgument0, (int)(both >> 32), task->RestartDeadline, 0, 0);
    }

    private static long Once(TaskState* task, EpollSet* set, ulong events, int most, ulong deadline)
    {
        DescriptorTable* table = task->Process->Descriptors;
        PollSet poll;
        bool complete;
        do
        {
            PollSet.Begin(&poll);
            PersonalityLock.Enter(&table->Lock);
            complete = EpollList.AppendTo(task, table, set, &poll, EpollList.ByItem);
            PersonalityLock.Exit(&table->Lock);
            if (poll.Unmapped == 0 || !MemoryPoll.Obtain(task, poll.Unmapped))
                break;
            // Edges of it can be told apart now.
            PollSet.End(&poll);
        }
        while (true);
        long result = complete ? PollWait.Wait(task, &poll, deadline) : -Errno.ENOMEM;
        if (result > 0)
            result = ReportAll(task, table, set, &poll, events, most);
        PollSet.End(&poll);
        return result;
    }

    // From where the last look has ended, if that had more than there was room for.
    private static long ReportAll(TaskState* task, DescriptorTable* table, EpollSet* set, PollSet* poll, ulong events, int most)
    {
        int at = 0;
        while (at < poll->Count && poll->Owners[at] < (uint)set->Start)
            at++;
        long result = 0;
        uint last = uint.MaxValue;
        for (int rest = poll->Count; rest > 0 && result >= 0 && result < most; rest--, at++)
        {
            at = at >= poll->Count ? 0 : at;
            uint owner = poll->Owners[at];
            // Of a set within there may be several.
            if (poll->Entries[at].Returned == 0 || owner == last || !Report(task, table, set, owner, poll->Entries + at, out uint found, out ulong data))
                continue;
            last = owner;
            ulong address = events + (ulong)result * EventLength;
            bool written = UserMemory.WriteU32(address, found) && UserMemory.WriteU64(address + 4, data);
            result = written ? result + 1 : -Errno.EFAULT;
        }
        set->Start = result == most ? (int)last + 1 : 0;
        return result;
    }

    /// <summary>Notes what is reported of an item. False if the item is gone or changed meanwhile.</summary>
    private static bool Report(
        TaskState* task, DescriptorTable* table, EpollSet* set, uint index, VfsPollEntry* entry, out uint found, out ulong data)
    {
        found = 0;
        data = 0;
        PersonalityLock.Enter(&table->Lock);
        PersonalityLock.Enter(&set->Lock);
        EpollItem* item = set->Items + index;
        bool isSet = index < (uint)set->Count && (item->Bits & DescriptorBits.Local) != 0;
        if (isSet || (index < (uint)set->Count && item->Handle == PollSet.HandleOf(entry)))
        {
            found = (isSet ? PollEvents.Readable : entry->Returned) & item->Events;
            data = item->Data;
            if (found != 0 && (item->Events & EpollEvents.EdgeTriggered) != 0)
                ReportEdge(task, table, item, ref found);
            if (found != 0 && (item->Events & EpollEvents.OneShot) != 0)
                item->Events &= EpollEvents.Ways;
        }
        PersonalityLock.Exit(&set->Lock);
        PersonalityLock.Exit(&table->Lock);
        return found != 0;
    }

    /// <summary>
    /// An edge, with the locks held. Where changes are numbered the number is taken before the look that is reported, and if it is that of the last report
    /// another thread has reported this edge.
    /// </summary>
    private static void ReportEdge(TaskState* task, DescriptorTable* table, EpollItem* item, ref uint found)
    {
        uint number = 0;
        bool isNumbered = true, isKnown = true;
        if ((item->Bits & DescriptorBits.Local) != 0)
        {
            number = EpollList.ChangesOf(task, table, EpollSet.At(item->Handle));
        }
        else
        {
            HeldLook look;
            HeldLook.Begin(&look, task, table);
            isKnown = isNumbered = HeldLook.TryEdge(&look, item->Handle, item->Bits, (ushort)item->Events, out ushort bits, out number);
            found = isNumbered ? bits & item->Events : found;
            // A server has said what is ready: it looked after the number was taken, so what has changed since may be told again, and is not missed.
            if (!isNumbered && item->IsAsked != 0)
            {
                number = item->AskedAt;
                isNumbered = true;
            }
        }
        if (isKnown && item->Reported != 0 && item->IsNumbered != 0 && item->ReportedAt == number)
            found = 0;
        if (found == 0)
            return;
        item->Reported |= found;
        item->ReportedAt = isNumbered ? number : DescriptorTable.Activity(task, item->Handle);
        item->IsNumbered = isNumbered ? 1u : 0;
    }
}
