using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Libsys.Personality;

/// <summary>epoll_wait of a set all of which can be looked at in this process, and something is ready, or nobody waits.</summary>
internal static unsafe class EpollMemory
{
    /// <summary>More that are ready at once are found by the longer way, which reports any number.</summary>
    private const int Most = 64;

    /// <summary>So many are looked at while the descriptor table's lock is held.</summary>
    private const int MostItems = 512;

    private const int Unknown = -1;

    // vfs has the set.
    private const long Elsewhere = 1;

    /// <summary>What is ready. Reported when no lock is held.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Ready
    {
        public fixed ulong Data[Most];
        public fixed uint Events[Most];
        // Of those that something is to be noted of.
        public fixed int Items[Most];
        public fixed uint Numbers[Most];
        public int Noted;
    }

    /// <summary>
    /// Answers epoll_wait for room of <paramref name="most"/> events. False: something has to be asked, or waited for. A bad descriptor is
    /// <paramref name="result"/> too.
    /// </summary>
    public static bool TryAnswer(TaskState* task, ulong epoll, ulong events, int most, bool waits, out long result)
    {
        DescriptorTable* table = task->Process->Descriptors;
        Ready ready;
        result = -Errno.EBADF;
        if (table == null)
            return true;
        PersonalityLock.Enter(&table->Lock);
        Descriptor* descriptor = (int)(uint)epoll >= 0 ? DescriptorTable.At(table, (int)(uint)epoll) : null;
        int count = Unknown;
        result = descriptor == null ? -Errno.EBADF
            : (descriptor->Bits & DescriptorBits.Local) != 0 ? 0
            : (descriptor->Bits & DescriptorBits.Set) != 0 ? Elsewhere : -Errno.EINVAL;
        if (result == 0)
        {
            EpollSet* set = EpollSet.At(descriptor->Handle);
            PersonalityLock.Enter(&set->Lock);
            count = Scan(task, table, set, most < Most ? most : Most, &ready);
            PersonalityLock.Exit(&set->Lock);
        }
        PersonalityLock.Exit(&table->Lock);
        if (result != 0)
            return result != Elsewhere;
        if (count < 0 || (count == 0 && waits) || (count == Most && most > Most))
            return false;
        for (int i = 0; i < count && result >= 0; i++)
        {
            ulong address = events + (ulong)i * EpollCalls.EventLength;
            bool isWritten = Stubs.UserWrite32(address, ready.Events[i]) != 0 && Stubs.UserWrite64(address + sizeof(uint), ready.Data[i]) != 0;
            result = isWritten ? result + 1 : -Errno.EFAULT;
        }
        return true;
    }

    // What is to be reported, up to so many. Nothing is noted of an item before it is certain that this is the answer.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Scan(TaskState* task, DescriptorTable* table, EpollSet* set, int most, Ready* ready)
    {
        if (set->Count > MostItems)
            return Unknown;
        HeldLook look;
        HeldLook.Begin(&look, task, table);
        ready->Noted = 0;
        int count = 0, i = set->Start < set->Count ? set->Start : 0;
        for (int rest = set->Count; rest > 0 && count < most; rest--, i++)
        {
            i = i == set->Count ? 0 : i;
            EpollItem* item = set->Items + i;
            if (!EpollList.IsThere(table, item))
                return Unknown;
            uint wanted = item->Events;
            if ((wanted & ~EpollEvents.Ways) == 0)
                continue;
            uint number = 0;
            ushort found;
            bool isKnown = (wanted & EpollEvents.EdgeTriggered) != 0
                ? TryEdge(&look, item, out found, out number)
                : HeldLook.TryLevel(&look, item->Handle, item->Bits, (ushort)wanted, out found);
            if (!isKnown)
                return Unknown;
            if (found == 0)
                continue;
            ready->Events[count] = found;
            ready->Data[count] = item->Data;
            if ((wanted & (EpollEvents.EdgeTriggered | EpollEvents.OneShot)) != 0)
            {
                ready->Items[count] = i;
                ready->Numbers[ready->Noted = count] = number;
                ready->Noted++;
            }
            else
            {
                ready->Items[count] = -1;
            }
            count++;
        }
        // Who has had no room goes first the next time.
        set->Start = count == most ? i : 0;
        for (i = 0; i < ready->Noted; i++)
        {
            if (ready->Items[i] >= 0)
                Note(set->Items + ready->Items[i], (ushort)ready->Events[i], ready->Numbers[i]);
        }
        return count;
    }

    private static bool TryEdge(HeldLook* look, EpollItem* item, out ushort found, out uint number)
    {
        if (!HeldLook.TryEdge(look, item->Handle, item->Bits, (ushort)item->Events, out found, out number))
            return false;
        if (item->Reported == 0)
            return true;
        if (item->IsNumbered == 0)
            return false;
        if (item->ReportedAt == number)
            found = 0;
        return true;
    }

    private static void Note(EpollItem* item, ushort found, uint number)
    {
        if ((item->Events & EpollEvents.EdgeTriggered) != 0)
        {
            item->Reported |= found;
            item->ReportedAt = number;
            item->IsNumbered = 1;
        }
        if ((item->Events & EpollEvents.OneShot) != 0)
            item->Events &= EpollEvents.Ways;
    }
}
