using System.Numerics;
using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>select(2) and pselect6.</summary>
internal static unsafe class SelectCalls
{
    /// <summary>So many words of descriptors are looked at while the table's lock is held.</summary>
    private const int MostWordsInMemory = 8;

    /// <summary>select: timeout is a struct timeval, which gets the time that was left.</summary>
    public static long Select(TaskState* task, ulong count, ulong read, ulong write, ulong exception, ulong timeout)
    {
        ulong deadline = Deadline.Never;
        if (timeout != 0)
        {
            long status = TimeSpecification.ReadMicroseconds(timeout, out ulong nanoseconds);
            if (status < 0)
                return status;
            deadline = PollWait.FromNanoseconds(nanoseconds);
        }
        long result = Wait(task, (int)(uint)count, read, write, exception, deadline);
        if (timeout != 0)
            TimeSpecification.WriteMicroseconds(timeout, Left(deadline));
        return result == -Errno.EINTR ? -Errno.RestartNoHandler : result;
    }

    /// <summary>pselect6: timeout is a struct timespec; the last argument points to { mask address, mask size }.</summary>
    public static long SelectMasked(TaskState* task, ulong count, ulong read, ulong write, ulong exception, ulong timeout, ulong maskPair)
    {
        ulong mask = 0, size = 0, deadline = Deadline.Never;
        if (maskPair != 0 && (!UserMemory.ReadU64(maskPair, out mask) || !UserMemory.ReadU64(maskPair + 8, out size)))
            return -Errno.EFAULT;
        if (timeout != 0)
        {
            long status = TimeSpecification.Read(timeout, out ulong nanoseconds);
            if (status < 0)
                return status;
            deadline = PollWait.FromNanoseconds(nanoseconds);
        }
        long result = PollWait.EnterMask(task, mask, size);
        if (result < 0)
            return result;
        result = Wait(task, (int)(uint)count, read, write, exception, deadline);
        if (result == -Errno.EINTR)
            result = -Errno.RestartNoHandler;
        if (timeout != 0)
            TimeSpecification.Write(timeout, Left(deadline));
        return PollWait.LeaveMask(task, result);
    }

    private static ulong Left(ulong deadline)
    {
        ulong now = Clock.Now;
        return deadline > now ? deadline - now : 0;
    }

    private static long Wait(TaskState* task, int count, ulong read, ulong write, ulong exception, ulong deadline)
    {
        DescriptorTable* table = task->Process->Descriptors;
        if (table == null)
            return -Errno.ENOSYS;
        if (count < 0)
            return -Errno.EINVAL;
        // Linux looks at no more bits than the table has room for.
        int end = DescriptorTable.Capacity(table);
        if (count > end)
            count = end;
        int words = (count + 63) / 64;
        const int inPlace = 3 * 16;
        ulong* first = stackalloc ulong[inPlace];
        ulong* sets = 3 * words <= inPlace ? first : (ulong*)PersonalityHeap.Allocate((ulong)(3 * words) * 8);
        if (sets == null)
            return -Errno.ENOMEM;
        bool copied = Load(sets, read, words) && Load(sets + words, write, words) && Load(sets + 2 * words, exception, words);
        long result = -Errno.EFAULT;
        if (copied && !TryInMemory(task, sets, words, count, deadline != Deadline.Poll, out result, out bool isChanged))
        {
            // What was found so far has taken the place of what is wanted.
            copied = !isChanged || (Load(sets, read, words) && Load(sets + words, write, words) && Load(sets + 2 * words, exception, words));
            result = copied ? Run(task, sets, words, count, deadline) : -Errno.EFAULT;
        }
        if (result >= 0 && !(Store(sets, read, words) && Store(sets + words, write, words) && Store(sets + 2 * words, exception, words)))
            result = -Errno.EFAULT;
        if (sets != first)
            PersonalityHeap.Free(sets);
        return result;
    }

    private static bool Load(ulong* set, ulong address, int words)
    {
        if (address != 0)
            return UserMemory.CopyIn(set, address, (ulong)words * 8);
        for (int i = 0; i < words; i++)
            set[i] = 0;
        return true;
    }

    private static bool Store(ulong* set, ulong address, int words) => address == 0 || UserMemory.CopyOut(address, set, (ulong)words * 8);

    /// <summary>
    /// As <see cref="Run"/>, if all can be looked at in this process, and there is something to be said or nobody waits. False: <paramref name="isChanged"/>
    /// says whether a part of the answer stands in the sets.
    /// </summary>
    private static bool TryInMemory(TaskState* task, ulong* sets, int words, int count, bool waits, out long ready, out bool isChanged)
    {
        DescriptorTable* table = task->Process->Descriptors;
        ready = 0;
        isChanged = false;
        if (words > MostWordsInMemory)
            return false;
        bool isKnown = true;
        HeldLook look;
        PersonalityLock.Enter(&table->Lock);
        HeldLook.Begin(&look, task, table);
        for (int word = 0; word < words && isKnown; word++)
        {
            ulong read = sets[word], write = sets[words + word], exception = sets[2 * words + word], all = read | write | exception;
            if (count - word * 64 < 64)
                all &= (1ul << (count & 63)) - 1;
            ulong readable = 0, writable = 0, exceptional = 0;
            for (ulong rest = all; rest != 0 && isKnown; rest &= rest - 1)
            {
                int number = BitOperations.TrailingZeroCount(rest);
                ulong bit = rest & (0 - rest);
                Descriptor* descriptor = DescriptorTable.At(table, word * 64 + number);
                ushort events = PollBits.FromSelect((read & bit) != 0, (write & bit) != 0, (exception & bit) != 0);
                ushort found = 0;
                isKnown = descriptor != null && HeldLook.TryLevel(&look, descriptor->Handle, descriptor->Bits, events, out found);
                if (found == 0)
                    continue;
                readable |= (found & PollBits.ReadFound) != 0 ? bit : 0;
                writable |= (found & PollBits.WriteFound) != 0 ? bit : 0;
                exceptional |= (found & PollBits.ExceptionBits) != 0 ? bit : 0;
            }
            if (!isKnown)
                break;
            isChanged |= all != 0;
            sets[word] = read & (readable | ~all);
            sets[words + word] = write & (writable | ~all);
            sets[2 * words + word] = exception & (exceptional | ~all);
            ready += BitOperations.PopCount(read & readable) + BitOperations.PopCount(write & writable) + BitOperations.PopCount(exception & exceptional);
        }
        PersonalityLock.Exit(&table->Lock);
        return isKnown && (ready != 0 || !waits);
    }

    /// <summary>On three private sets, one after the other, which hold the answer afterwards.</summary>
    private static long Run(TaskState* task, ulong* sets, int words, int count, ulong deadline)
    {
        PollSet poll;
        PollSet.Begin(&poll);
        long result = 0;
        DescriptorTable* table = task->Process->Descriptors;
        PersonalityLock.Enter(&table->Lock);
        for (int word = 0; word < words && result == 0; word++)
        {
            ulong read = sets[word], write = sets[words + word], exception = sets[2 * words + word];
            int fd = word * 64;
            for (ulong rest = read | write | exception; rest != 0 && fd < count && result == 0; fd++)
            {
                if ((rest & 1) != 0)
                    result = Add(task, table, &poll, fd, PollBits.FromSelect((read & 1) != 0, (write & 1) != 0, (exception & 1) != 0), (read & 1) != 0);
                rest >>= 1;
                read >>= 1;
                write >>= 1;
                exception >>= 1;
            }
        }
        PersonalityLock.Exit(&table->Lock);
        if (result == 0)
            result = PollWait.Wait(task, &poll, deadline);
        if (result >= 0)
            result = Answer(&poll, sets, words, result > 0);
        PollSet.End(&poll);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Add(TaskState* task, DescriptorTable* table, PollSet* poll, int fd, ushort events, bool read)
    {
        Descriptor* descriptor = DescriptorTable.At(table, fd);
        if (descriptor == null)
            return -Errno.EBADF;
        bool isAdded = (descriptor->Bits & DescriptorBits.Local) != 0
            ? !read || EpollList.AppendTo(task, table, EpollSet.At(descriptor->Handle), poll, (uint)fd)
            : PollSet.Add(poll, descriptor->Handle, descriptor->Bits, events, (uint)fd);
        return isAdded ? 0 : -Errno.ENOMEM;
    }

    private static long Answer(PollSet* poll, ulong* sets, int words, bool any)
    {
        long found = 0;
        // The wanted bits are replaced by the found ones, descriptor by descriptor; entries of one descriptor follow each other.
        for (int i = 0; i < poll->Count;)
        {
            uint fd = poll->Owners[i];
            ushort bits = 0;
            for (; i < poll->Count && poll->Owners[i] == fd; i++)
                bits |= any ? poll->Entries[i].Returned : (ushort)0;
            if (bits == 0)
            {
                Clear(sets, words, fd);
                continue;
            }
            found += Keep(sets, fd, (bits & PollBits.ReadFound) != 0);
            found += Keep(sets + words, fd, (bits & PollBits.WriteFound) != 0);
            found += Keep(sets + 2 * words, fd, (bits & PollBits.ExceptionBits) != 0);
        }
        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clear(ulong* sets, int words, uint fd)
    {
        ulong others = ~(1UL << (int)(fd % 64));
        ulong* first = sets + fd / 64;
        *first &= others;
        first[words] &= others;
        first[2 * words] &= others;
    }

    private static int Keep(ulong* set, uint fd, bool ready)
    {
        ulong bit = 1UL << (int)(fd % 64);
        if ((set[fd / 64] & bit) == 0)
            return 0;
        if (ready)
            return 1;
        set[fd / 64] &= ~bit;
        return 0;
    }
}
