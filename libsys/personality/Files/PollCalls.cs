using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>poll(2) and ppoll(2).</summary>
internal static unsafe class PollCalls
{
    /// <summary>Bytes of struct pollfd: fd, events, revents.</summary>
    private const int EntryLength = 8;

    // An entry in one word.
    private const int EventsShift = 32, FoundShift = 48;
    private const ulong Asked = 0xFFFF_FFFF_FFFF;

    /// <summary>So many are looked at while the descriptor table's lock is held.</summary>
    private const int MostInMemory = 512;

    /// <summary>poll.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Poll(TaskState* task, ulong entries, ulong count, ulong milliseconds)
    {
        ulong deadline = PollWait.FromMilliseconds((int)(uint)milliseconds);
        return Interrupted(task, entries, count, deadline, Wait(task, entries, count, deadline));
    }

    /// <summary>restart_syscall after a poll or epoll_wait that was interrupted without a handler.</summary>
    public static long Restart(TaskState* task)
    {
        if (task->RestartKind == (uint)RestartKind.Epoll)
            return EpollCalls.Restart(task);
        ulong entries = task->RestartArgument0, count = task->RestartArgument1, deadline = task->RestartDeadline;
        return Interrupted(task, entries, count, deadline, Wait(task, entries, count, deadline));
    }

    /// <summary>ppoll. The time that was left is written back, as Linux' call does.</summary>
    public static long PollMasked(TaskState* task, ulong entries, ulong count, ulong timeout, ulong mask, ulong maskSize)
    {
        ulong deadline = Deadline.Never;
        if (timeout != 0)
        {
            long read = TimeSpecification.Read(timeout, out ulong nanoseconds);
            if (read < 0)
                return read;
            deadline = PollWait.FromNanoseconds(nanoseconds);
        }
        long result = PollWait.EnterMask(task, mask, maskSize);
        if (result < 0)
            return result;
        result = Wait(task, entries, count, deadline);
        if (result == -Errno.EINTR)
            result = -Errno.RestartNoHandler;
        if (timeout != 0 && deadline != Deadline.Never)
        {
            ulong now = Clock.Now;
            TimeSpecification.Write(timeout, deadline > now ? deadline - now : 0);
        }
        return PollWait.LeaveMask(task, result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Interrupted(TaskState* task, ulong entries, ulong count, ulong deadline, long result)
    {
        if (result != -Errno.EINTR)
            return result;
        task->RestartKind = (uint)RestartKind.Poll;
        task->RestartDeadline = deadline;
        task->RestartArgument0 = entries;
        task->RestartArgument1 = count;
        return -Errno.RestartBlock;
    }

    private static long Wait(TaskState* task, ulong address, ulong count, ulong deadline)
    {
        DescriptorTable* table = task->Process->Descriptors;
        if (table == null)
            return -Errno.ENOSYS;
        if ((uint)count > table->Limit)
            return -Errno.EINVAL;
        int number = (int)(uint)count;
        const int inPlace = 128;
        ulong* first = stackalloc ulong[inPlace];
        ulong* copy = number <= inPlace ? first : (ulong*)PersonalityHeap.Allocate((ulong)number * EntryLength);
        if (copy == null)
            return -Errno.ENOMEM;
        long result = number == 0 || UserMemory.CopyIn(copy, address, (ulong)number * EntryLength) ? 0 : -Errno.EFAULT;
        if (result == 0 && !TryInMemory(task, table, copy, number, deadline != Deadline.Poll, out result))
            result = Run(task, copy, number, deadline);
        // That it is the program's memory has been found out above.
        for (int i = 0; i < number && result >= 0; i++)
        {
            if (Stubs.UserWrite16(address + (ulong)i * EntryLength + 6, copy[i] >> FoundShift) == 0)
                result = -Errno.EFAULT;
        }
        if (copy != first)
            PersonalityHeap.Free(copy);
        return result;
    }

    /// <summary>
    /// As <see cref="Run"/>, if all can be looked at in this process, and there is something to be said or nobody waits. False: what is found is a part.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryInMemory(TaskState* task, DescriptorTable* table, ulong* entries, int number, bool waits, out long ready)
    {
        ready = 0;
        if (number > MostInMemory)
            return false;
        int i = 0;
        HeldLook look;
        PersonalityLock.Enter(&table->Lock);
        HeldLook.Begin(&look, task, table);
        for (; i < number; i++)
        {
            ulong entry = entries[i] & Asked;
            ushort found = 0;
            if ((int)(uint)entry >= 0)
            {
                Descriptor* descriptor = DescriptorTable.At(table, (int)(uint)entry);
                if (descriptor == null)
                    found = PollEvents.Invalid;
                else if (!HeldLook.TryLevel(&look, descriptor->Handle, descriptor->Bits, (ushort)(entry >> EventsShift), out found))
                    break;
            }
            entries[i] = entry | (ulong)found << FoundShift;
            ready += found != 0 ? 1 : 0;
        }
        PersonalityLock.Exit(&table->Lock);
        return i == number && (ready != 0 || !waits);
    }

    /// <summary>On entries packed as fd | events shifted by 32 | revents shifted by 48; revents are filled in.</summary>
    private static long Run(TaskState* task, ulong* entries, int number, ulong deadline)
    {
        PollSet set;
        PollSet.Begin(&set);
        bool complete = true, invalid = false;
        DescriptorTable* table = task->Process->Descriptors;
        PersonalityLock.Enter(&table->Lock);
        for (int i = 0; i < number && complete; i++)
        {
            ulong entry = entries[i] & Asked;
            entries[i] = entry;
            if ((int)(uint)entry < 0)
                continue;
            Descriptor* descriptor = DescriptorTable.At(table, (int)(uint)entry);
            if (descriptor == null)
            {
                entries[i] |= (ulong)PollEvents.Invalid << FoundShift;
                invalid = true;
            }
            else if ((descriptor->Bits & DescriptorBits.Local) != 0)
                complete = EpollList.AppendTo(task, table, EpollSet.At(descriptor->Handle), &set, (uint)i);
            else
                complete = PollSet.Add(&set, descriptor->Handle, descriptor->Bits, (ushort)(entry >> EventsShift & ~(ulong)PollSet.Marks), (uint)i);
        }
        PersonalityLock.Exit(&table->Lock);
        long result = complete ? PollWait.Wait(task, &set, invalid ? Deadline.Poll : deadline) : -Errno.ENOMEM;
        if (result >= 0)
        {
            for (int i = 0; i < set.Count; i++)
            {
                if (set.Entries[i].Returned != 0)
                    Merge(task, entries + set.Owners[i], set.Entries[i].Returned);
            }
            result = 0;
            for (int i = 0; i < number; i++)
                result += entries[i] >> FoundShift != 0 ? 1 : 0;
        }
        PollSet.End(&set);
        return result;
    }

    private static void Merge(TaskState* task, ulong* entry, ushort found)
    {
        Descriptor descriptor;
        // What is ready behind an epoll descriptor makes that one readable.
        bool isEpoll = DescriptorTable.Find(task, (uint)*entry, &descriptor) && (descriptor.Bits & DescriptorBits.Local) != 0;
        ushort own = isEpoll ? (ushort)(*entry >> EventsShift & (PollEvents.In | PollEvents.ReadNormal)) : found;
        *entry |= (ulong)own << FoundShift;
    }
}
