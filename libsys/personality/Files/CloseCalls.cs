using System.Runtime.CompilerServices;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>close(2), close_range(2). Closing a duplicate is local; the last number of a handle goes to vfs.</summary>
internal static unsafe class CloseCalls
{
    private const ulong CLOSE_RANGE_UNSHARE = 2, CLOSE_RANGE_CLOEXEC = 4;

    /// <summary>close.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Close(TaskState* task, ulong number)
    {
        Descriptor closed;
        if (!DescriptorTable.Remove(task, number, &closed, out bool owed))
            return -Errno.EBADF;
        return owed ? Finish(task, &closed) : 0;
    }

    /// <summary>Does what a removed descriptor still owes: tells vfs, or drops the local object.</summary>
    public static long Finish(TaskState* task, Descriptor* closed)
    {
        if ((closed->Bits & DescriptorBits.Local) != 0)
        {
            EpollSet.Release(task->Process->Space, EpollSet.At(closed->Handle));
            return 0;
        }
        if ((closed->Bits & DescriptorBits.Mapped) != 0)
            return StreamPlaces.Close(task, closed->Handle);
        if ((closed->Bits & DescriptorBits.Slot) != 0)
        {
            SharedContents.Close(task, closed->Bits);
            SharedOffsets.Close(task, closed);
        }
        if ((closed->Bits & DescriptorBits.Source) != 0)
            return MemorySources.Close(task, closed->Handle);
        if (PostedCalls.TryClose(task, closed))
            return 0;
        long result = VfsClient.Call(task, VfsOperation.Close, closed->Handle);
        task->Process->IsUnknown = 0;
        LentHandles.Give(task->Process->Descriptors, closed->Handle);
        return result;
    }

    /// <summary>close_range(first, last, flags).</summary>
    public static long CloseRange(TaskState* task, ulong first, ulong last, ulong flags)
    {
        uint from = (uint)first, to = (uint)last;
        if ((flags & ~(CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC)) != 0 || from > to)
            return -Errno.EINVAL;
        DescriptorTable* table = task->Process->Descriptors;
        if (table == null)
            return -Errno.ENOSYS;
        // Threads always share their table here, so it cannot be made private for one of them.
        if ((flags & CLOSE_RANGE_UNSHARE) != 0 && table->References > 1)
            return -Errno.EINVAL;
        if (from > int.MaxValue)
            return 0;
        for (int number = DescriptorTable.Next(table, (int)from); number >= 0 && (uint)number <= to; number = DescriptorTable.Next(table, number + 1))
        {
            if ((flags & CLOSE_RANGE_CLOEXEC) != 0)
                DescriptorTable.SetBits(task, (ulong)number, 0, DescriptorBits.CloseOnExec);
            else
                Close(task, (ulong)number);
        }
        return 0;
    }

    /// <summary>
    /// For an exec that is about to succeed: takes descriptors that are close-on-exec out of the table, until <paramref name="most"/> handles are to be closed.
    /// Returns how many are in the list.
    /// </summary>
    public static uint TakeForExec(TaskState* task, uint* handles, uint most)
    {
        DescriptorTable* table = task->Process->Descriptors;
        uint count = 0;
        for (int number = DescriptorTable.Next(table, 0); number >= 0 && count < most; number = DescriptorTable.Next(table, number + 1))
        {
            Descriptor descriptor;
            if (!DescriptorTable.Find(task, (ulong)number, &descriptor) || (descriptor.Bits & DescriptorBits.CloseOnExec) == 0)
                continue;
            if (DescriptorTable.Remove(task, (ulong)number, &descriptor, out bool owed) && owed)
                handles[count++] = descriptor.Handle;
        }
        return count;
    }

    /// <summary>After exec: what was marked close-on-exec goes.</summary>
    public static void CloseOnExec(TaskState* task)
    {
        DescriptorTable* table = task->Process->Descriptors;
        for (int number = DescriptorTable.Next(table, 0); number >= 0; number = DescriptorTable.Next(table, number + 1))
        {
            Descriptor descriptor;
            if (DescriptorTable.Find(task, (ulong)number, &descriptor) && (descriptor.Bits & DescriptorBits.CloseOnExec) != 0)
                Close(task, (ulong)number);
        }
    }
}
