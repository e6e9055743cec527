using System.Runtime.CompilerServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Sets that another process is about to have, too, move to vfs: their descriptors become handles there, and their items its members (docs/epoll.md). One
/// after the other, those within others first; so each has nothing but handles in it when it goes.
/// </summary>
internal static unsafe class EpollMove
{
    // As large as one request can be; sets that are larger go in several.
    private const uint LargestBlock = 1u << 16;

    /// <summary>All sets of the process move, but those with members that vfs cannot wait for. 0, or −errno: some have not moved; nothing is lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long All(TaskState* task) => task->Process->Space->LatestEpollSet == 0 ? 0 : Run(task);

    /// <summary>The same, if one of them is not close-on-exec.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long IfInherited(TaskState* task) => task->Process->Space->LatestEpollSet == 0 || !IsAnyInherited(task) ? 0 : Run(task);

    private static bool IsAnyInherited(TaskState* task)
    {
        DescriptorTable* table = task->Process->Descriptors;
        bool isAny = false;
        PersonalityLock.Enter(&table->Lock);
        for (int fd = 0; fd < DescriptorTable.End(table) && !isAny; fd++)
        {
            Descriptor* descriptor = DescriptorTable.At(table, fd);
            isAny = descriptor != null && (descriptor->Bits & (DescriptorBits.Local | DescriptorBits.CloseOnExec)) == DescriptorBits.Local;
        }
        PersonalityLock.Exit(&table->Lock);
        return isAny;
    }

    private static long Run(TaskState* task)
    {
        long result = 0;
        EpollSet* set;
        bool hasMoved = false;
        while (result == 0 && (set = Next(task, out int count)) != null)
        {
            result = Move(task, set, count);
            EpollSet.Release(task->Process->Space, set);
            hasMoved = true;
        }
        // Who waits on one looks its descriptor up again.
        if (hasMoved)
            EpollCalls.WakeWaiters(task);
        return result;
    }

    /// <summary>A set that can move, with a reference of the caller's, and how many items it has; or null.</summary>
    private static EpollSet* Next(TaskState* task, out int count)
    {
        DescriptorTable* table = task->Process->Descriptors;
        EpollSet* found = null;
        count = 0;
        PersonalityLock.Enter(&table->Lock);
        for (int fd = 0; fd < DescriptorTable.End(table) && found == null; fd++)
        {
            Descriptor* descriptor = DescriptorTable.At(table, fd);
            if (descriptor == null || (descriptor->Bits & DescriptorBits.Local) == 0)
                continue;
            EpollSet* set = EpollSet.At(descriptor->Handle);
            PersonalityLock.Enter(&set->Lock);
            if (IsMovable(table, set))
                found = set;
            count = set->Count;
            PersonalityLock.Exit(&set->Lock);
        }
        if (found != null)
            EpollSet.AddReference(found);
        PersonalityLock.Exit(&table->Lock);
        return found;
    }

    // vfs knows no signals, and another server's descriptions are not its own to wait for.
    private static bool IsMovable(DescriptorTable* table, EpollSet* set)
    {
        for (int i = 0; i < set->Count; i++)
        {
            EpollItem* item = set->Items + i;
            if ((item->Bits & (DescriptorBits.Local | DescriptorBits.Signals | DescriptorBits.Server)) != 0 && EpollList.IsThere(table, item))
                return false;
        }
        return true;
    }

    private static long Move(TaskState* task, EpollSet* set, int count)
    {
        VfsRequest request;
        uint room = (uint)count * SetEntry.Length;
        VfsRequest.Begin(&request, VfsOperation.CreateSet, (ulong)count);
        request.Uninterruptible = 1;
        long result = count == 0 ? 0 : VfsPool.Take(task, &request, room < LargestBlock ? room : LargestBlock, SetEntry.Length);
        if (result < 0)
            return result == -Errno.RestartSystemCall ? result : -Errno.ENOMEM;
        // Before the locks: what there is room for is certain then. The items are read when the set's descriptors change, and not before.
        byte* items = count == 0 ? null : (byte*)PersonalityHeap.AllocateDirty(room);
        uint handle = 0;
        result = items == null && count != 0 ? -Errno.ENOMEM : VfsClient.Call(task, &request);
        if (result >= 0 && !DescriptorTable.PrepareHandles(task->Process->Descriptors, (ulong)result, 1))
        {
            VfsClient.Call(task, VfsOperation.Close, (ulong)result);
            result = -Errno.ENOMEM;
        }
        if (result >= 0)
        {
            handle = (uint)result;
            int taken = Switch(task, set, handle, items, count);
            if (taken < 0)
                VfsClient.Call(task, VfsOperation.Close, handle); // it has been changed meanwhile, and is tried again
            else if (count != 0)
                Give(task, &request, handle, items, taken);
            result = 0;
        }
        PersonalityHeap.Free(items);
        VfsPool.Give(task, &request);
        return result == -Errno.ENOSPC || result == -Errno.EMFILE || result == -Errno.ENFILE ? -Errno.ENOMEM : result;
    }

    /// <summary>Under the locks: copies the items, and makes the set's descriptors those of the handle. How many items, or −1: not as they are now.</summary>
    private static int Switch(TaskState* task, EpollSet* set, uint handle, byte* items, int most)
    {
        DescriptorTable* table = task->Process->Descriptors;
        int taken = -1;
        PersonalityLock.Enter(&table->Lock);
        uint changes = EpollList.ChangesOf(task, table, set);
        PersonalityLock.Enter(&set->Lock);
        if (set->Count <= most && IsMovable(table, set))
            taken = Copy(task, table, set, items);
        // Who is about to report something of it finds nothing. Processes that share the memory and not the descriptors go on with it.
        if (taken >= 0 && task->Process->Space->Processes <= 1)
            set->Count = 0;
        PersonalityLock.Exit(&set->Lock);
        int numbers = taken < 0 ? 0 : DescriptorTable.ReplaceLocal(task->Process, EpollSet.NumberOf(set), handle);
        if (numbers > 0)
            ReplaceWithin(task, table, set, changes, handle);
        PersonalityLock.Exit(&table->Lock);
        for (int i = 0; i < numbers; i++)
            EpollSet.Release(task->Process->Space, set);
        return numbers == 0 ? -1 : taken; // closed meanwhile
    }

    private static int Copy(TaskState* task, DescriptorTable* table, EpollSet* set, byte* items)
    {
        int taken = 0;
        for (int i = 0; i < set->Count; i++)
        {
            EpollItem* item = set->Items + i;
            if (!EpollList.IsThere(table, item))
                continue;
            byte* entry = items + (ulong)taken++ * SetEntry.Length;
            bool isOld = item->IsNumbered == 0 && item->ReportedAt != DescriptorTable.Activity(task, item->Handle);
            *(uint*)(entry + SetEntry.Operation) = SetEntry.Add;
            *(uint*)(entry + SetEntry.Number) = (uint)item->Number;
            *(uint*)(entry + SetEntry.Handle) = item->Handle;
            *(uint*)(entry + SetEntry.Events) = item->Events;
            *(uint*)(entry + SetEntry.Reported) = item->Reported == 0 || isOld ? 0 : item->IsNumbered != 0 ? SetEntry.UntilChange : SetEntry.UntilNow;
            *(uint*)(entry + SetEntry.ReportedAt) = item->ReportedAt;
            *(ulong*)(entry + SetEntry.Data) = item->Data;
        }
        return taken;
    }

    // Sets that it is in have a handle in its place. An edge of it that was reported stays so.
    private static void ReplaceWithin(TaskState* task, DescriptorTable* table, EpollSet* inner, uint changes, uint handle)
    {
        for (int fd = 0; fd < DescriptorTable.End(table); fd++)
        {
            Descriptor* descriptor = DescriptorTable.At(table, fd);
            if (descriptor == null || (descriptor->Bits & DescriptorBits.Local) == 0)
                continue;
            EpollSet* outer = EpollSet.At(descriptor->Handle);
            PersonalityLock.Enter(&outer->Lock);
            for (int i = 0; i < outer->Count; i++)
            {
                EpollItem* item = outer->Items + i;
                if ((item->Bits & DescriptorBits.Local) == 0 || item->Handle != EpollSet.NumberOf(inner) || item->Generation != inner->Id)
                    continue;
                item->Handle = handle;
                item->Bits = DescriptorBits.Set;
                item->Table = DescriptorTable.NumberOf(table);
                item->Generation = DescriptorTable.GenerationOf(table, handle);
                item->Reported = item->ReportedAt == changes ? item->Reported : 0;
                item->ReportedAt = DescriptorTable.Activity(task, handle);
                item->IsNumbered = 0;
            }
            PersonalityLock.Exit(&outer->Lock);
        }
    }

    private static void Give(TaskState* task, VfsRequest* request, uint handle, byte* items, int count)
    {
        int most = (int)(request->PoolLength / SetEntry.Length), given = 0;
        do
        {
            int piece = count - given < most ? count - given : most;
            BlockMemory.Move(VfsPool.BufferOf(request), items + (ulong)given * SetEntry.Length, (ulong)piece * SetEntry.Length);
            given += piece;
            request->Operation = VfsOperation.ChangeSet;
            request->A0 = handle;
            request->A1 = (ulong)piece;
            request->A2 = SetEntry.Given | (given == count ? SetEntry.Completes : 0);
            VfsClient.Call(task, request);
        }
        while (given < count);
    }
}
