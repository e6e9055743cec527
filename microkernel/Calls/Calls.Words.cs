using Libsys.Abi;

namespace Microkernel;

// Waiting on words.
internal static unsafe partial class Calls
{
    private const long FaultStatus = (long)KernelStatus.Fault;
    private const long WouldBlock = (long)KernelStatus.WouldBlock;
    // Their waiters fill one frame.
    private const uint MaxWords = 64;

    public static long WordWait(Thread* thread, ulong address, ulong expected, ulong deadline, WaitFlags flags, ulong bitset)
    {
        // Reading first makes the page present, and finds what cannot be read.
        if (!WordQueues.Read(thread->Space, address, out uint value) || !WordQueues.KeyOf(thread->Space, address, out ulong keyObject, out ulong keyOffset))
            return FaultStatus;
        if (value != (uint)expected)
            return WouldBlock;
        if (deadline == 0)
            return (long)KernelStatus.TimedOut;
        if (!Thread.MaySleep(thread, flags))
            return (long)KernelStatus.Interrupted;
        WordQueues.Add(&thread->Waiter, thread, keyObject, keyOffset, (uint)bitset == 0 ? uint.MaxValue : (uint)bitset, ulong.MaxValue);
        Thread.Sleep(thread, WaitKind.Words, deadline, flags);
        return CallResult.Blocked;
    }

    public static long WordWake(Thread* thread, ulong address, ulong count, ulong bitset)
    {
        if (!WordQueues.KeyOf(thread->Space, address, out ulong keyObject, out ulong keyOffset))
            return FaultStatus;
        return WordQueues.Wake(keyObject, keyOffset, Clamp(count), (uint)bitset == 0 ? uint.MaxValue : (uint)bitset);
    }

    private static uint Clamp(ulong count) => count > int.MaxValue ? int.MaxValue : (uint)count;

    public static long WordRequeue(Thread* thread, ulong address, ulong wake, ulong target, ulong requeue, ulong expected, ulong compare)
    {
        AddressSpace* space = thread->Space;
        if (!WordQueues.KeyOf(space, address, out ulong keyObject, out ulong keyOffset)
            || !WordQueues.KeyOf(space, target, out ulong targetObject, out ulong targetOffset))
            return FaultStatus;
        if (compare > 1)
            return BadArgument;
        if (compare == 1)
        {
            if (!WordQueues.Read(space, address, out uint value))
                return FaultStatus;
            if (value != (uint)expected)
                return WouldBlock;
        }
        long woken = WordQueues.Wake(keyObject, keyOffset, Clamp(wake), uint.MaxValue);
        if (keyObject == targetObject && keyOffset == targetOffset)
            return woken;
        return woken + WordQueues.Requeue(keyObject, keyOffset, targetObject, targetOffset, Clamp(requeue));
    }

    public static long WordWaitMany(Thread* thread, ulong count, ulong deadline, WaitFlags flags)
    {
        if (count == 0 || count > MaxWords)
            return BadArgument;
        if (thread->ManyWaiters == 0)
        {
            thread->ManyWaiters = FrameAllocator.Allocate(thread->Space->Header.Account);
            if (thread->ManyWaiters == 0)
                return NoMemory;
        }
        Waiter* waiters = (Waiter*)PhysicalMap.At(thread->ManyWaiters);
        ulong* list = Words(thread);
        // First check all and note the keys, then queue: reading may fault pages in, but changes no queue.
        for (uint i = 0; i < count; i++)
        {
            ulong address = System.Threading.Volatile.Read(ref list[2 * i]);
            uint expected = (uint)System.Threading.Volatile.Read(ref list[2 * i + 1]);
            if (!WordQueues.Read(thread->Space, address, out uint value)
                || !WordQueues.KeyOf(thread->Space, address, out waiters[i].KeyObject, out waiters[i].KeyOffset))
                return FaultStatus;
            if (value != expected)
                return WouldBlock;
        }
        if (deadline == 0)
            return (long)KernelStatus.TimedOut;
        if (!Thread.MaySleep(thread, flags))
            return (long)KernelStatus.Interrupted;
        for (uint i = 0; i < count; i++)
            WordQueues.Add(waiters + i, thread, waiters[i].KeyObject, waiters[i].KeyOffset, uint.MaxValue, i);
        thread->ManyCount = (uint)count;
        Thread.Sleep(thread, WaitKind.Words, deadline, flags);
        return CallResult.Blocked;
    }

    public static long WordWatch(Thread* thread, ulong address, ulong notification, ulong bits)
    {
        if (!WordQueues.KeyOf(thread->Space, address, out ulong keyObject, out ulong keyOffset))
            return FaultStatus;
        if (notification == 0)
        {
            WordQueues.RemoveWatches(thread->Space, keyObject, keyOffset);
            return Ok;
        }
        HandleEntry* entry = HandleTable.Find(thread, notification, ObjectType.Notification, Rights.Signal, out long status);
        if (entry == null)
            return status;
        return WordQueues.AddWatch(thread->Space, keyObject, keyOffset, (Notification*)entry->Object, bits & entry->Extra) ? Ok : NoMemory;
    }
}
