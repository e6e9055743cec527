using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Robust futexes (set_robust_list(2); the layout is that of &lt;linux/futex.h&gt;): words that a dying thread still holds are marked and a waiter is woken.
/// </summary>
internal static unsafe class RobustList
{
    // struct robust_list_head: list, futex offset, pending entry.
    private const ulong HeadLength = 24;

    // The list is the program's and may be circular: Linux' limit.
    private const int LongestList = 2048;

    private const uint OwnerDied = 0x4000_0000, Waiters = 0x8000_0000, OwnerMask = 0x3FFF_FFFF;

    /// <summary>set_robust_list(head, length).</summary>
    public static long Set(TaskState* task, RegisterFrame* frame)
    {
        if (frame->Rsi != HeadLength)
            return -Errno.EINVAL;
        task->RobustList = frame->Rdi;
        return 0;
    }

    /// <summary>get_robust_list(thread, head, length).</summary>
    public static long Get(TaskState* task, RegisterFrame* frame)
    {
        uint thread = (uint)frame->Rdi;
        ulong head = task->RobustList;
        if (thread != 0 && thread != task->ThreadId)
        {
            PersonalityLock.Enter(&task->Process->TaskLock);
            TaskState* other = task->Process->Tasks;
            while (other != null && other->ThreadId != thread)
                other = other->Next;
            if (other != null)
                head = other->RobustList;
            PersonalityLock.Exit(&task->Process->TaskLock);
            if (other == null)
                return -Errno.ESRCH;
        }
        return UserMemory.WriteU64(frame->Rdx, HeadLength) && UserMemory.WriteU64(frame->Rsi, head) ? 0 : -Errno.EFAULT;
    }

    /// <summary>At the end of a thread.</summary>
    public static void Walk(TaskState* task)
    {
        ulong head = task->RobustList;
        task->RobustList = 0;
        if (head == 0 || !UserMemory.ReadU64(head, out ulong entry) || !UserMemory.ReadU64(head + 8, out ulong offset)
            || !UserMemory.ReadU64(head + 16, out ulong pending))
            return;
        for (int i = 0; i < LongestList && (entry & ~1ul) != head; i++)
        {
            // The next one first: the entry can be freed once it is released.
            bool more = UserMemory.ReadU64(entry & ~1ul, out ulong next);
            if ((entry & ~1ul) != (pending & ~1ul) && !Release(task, (entry & ~1ul) + offset, false))
                return;
            if (!more)
                return;
            entry = next;
        }
        if (pending != 0)
            Release(task, (pending & ~1ul) + offset, true);
    }

    private static bool Release(TaskState* task, ulong address, bool pending)
    {
        if ((address & 3) != 0 || !UserMemory.ReadU32(address, out uint value))
            return false;
        while (true)
        {
            // Unlocked already, but the thread died before it woke anybody.
            if (pending && value == 0)
            {
                KernelCalls.WordWake(address, 1, 0);
                return true;
            }
            if ((value & OwnerMask) != task->ThreadId)
                return true;
            if (!UserMemory.CompareExchange(address, value, (value & Waiters) | OwnerDied, out uint found))
                return false;
            if (found == value)
                break;
            value = found;
        }
        if ((value & Waiters) != 0)
            KernelCalls.WordWake(address, 1, 0);
        return true;
    }
}
