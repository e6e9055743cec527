using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microkernel;

/// <summary>A first-in first-out list of threads; a thread is on one list at most, which it knows.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WaitQueue
{
    public Thread* Head, Tail;

    /// <summary>Adds a thread at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Append(WaitQueue* queue, Thread* thread)
    {
        thread->Queue = queue;
        thread->QueueNext = null;
        thread->QueuePrevious = queue->Tail;
        if (queue->Tail != null)
            queue->Tail->QueueNext = thread;
        else
            queue->Head = thread;
        queue->Tail = thread;
    }

    /// <summary>Takes a thread off its list, if it is on one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Remove(Thread* thread)
    {
        WaitQueue* queue = thread->Queue;
        if (queue == null)
            return;
        if (thread->QueuePrevious != null)
            thread->QueuePrevious->QueueNext = thread->QueueNext;
        else
            queue->Head = thread->QueueNext;
        if (thread->QueueNext != null)
            thread->QueueNext->QueuePrevious = thread->QueuePrevious;
        else
            queue->Tail = thread->QueuePrevious;
        thread->Queue = null;
    }
}
