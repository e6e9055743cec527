using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel;

/// <summary>A word of bits and the threads that wait for any of them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Notification
{
    public KernelObject Header;
    public ulong Bits;
    public LinkedList Waiters;
    public Timer Timer;
    /// <summary>The timer has its place in the heap reserved.</summary>
    public bool HasTimer;

    /// <summary>What can be signalled: bit 63 would make a result look like an error.</summary>
    public const ulong AllBits = ulong.MaxValue >> 1;

    public static Notification* Create(Account* account) =>
        (Notification*)KernelObject.Allocate(account, ObjectType.Notification, (uint)sizeof(Notification));

    public static void Free(Notification* n)
    {
        if (Account.Watcher == n)
            Account.WatchedFrames = 0;
        Timer.Stop(&n->Timer);
        if (n->HasTimer)
            Timer.Unreserve();
        // Waiters hold the notification by a handle; closed by another thread meanwhile, the wait can end no other way.
        Thread* waiter;
        while ((waiter = (Thread*)n->Waiters.First) != null)
            Thread.Wake(waiter, (long)KernelStatus.PeerGone);
        ObjectAllocator.Free(n);
    }

    /// <summary>Ors bits in and wakes the waiter that came last, which gets and clears them all.</summary>
    public static void Signal(Notification* n, ulong bits)
    {
        n->Bits |= bits;
        Thread* waiter = (Thread*)n->Waiters.First;
        if (waiter != null && n->Bits != 0)
            Thread.Wake(waiter, Take(n));
        else
            PublishedPage.Page->KeptSignals++;
    }

    /// <summary>The bits, which are cleared.</summary>
    public static long Take(Notification* n)
    {
        ulong bits = n->Bits;
        n->Bits = 0;
        return (long)bits;
    }

    /// <summary>Lets a thread wait, or says why not: the bits, WouldBlock, Interrupted, or <see cref="CallResult.Blocked"/>.</summary>
    public static long Wait(Notification* n, Thread* thread, ulong deadline, WaitFlags flags)
    {
        if (n->Bits != 0)
            return Take(n);
        if (deadline == 0)
            return (long)KernelStatus.WouldBlock;
        if (!Thread.MaySleep(thread, flags))
            return (long)KernelStatus.Interrupted;
        Thread.Sleep(thread, WaitKind.Notification, deadline, flags);
        LinkedList.Prepend(&n->Waiters, &thread->Waiter.Place);
        return CallResult.Blocked;
    }
}
