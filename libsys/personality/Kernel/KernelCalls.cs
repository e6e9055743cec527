using System.Runtime;
using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Typed kernel calls. Each raw import is a generated stub "kernel_" + name of <see cref="KernelCall"/>: mov eax, number; jmp gate.</summary>
internal static unsafe class KernelCalls
{
    private const ulong Self = WellKnownHandle.Self;

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_LogWrite")] private static extern long RawLogWrite(ulong machine, ulong length);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_HandleClose")] private static extern long RawHandleClose(ulong handle);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_HandleQuery")] private static extern long RawHandleQuery(ulong handle);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_MemoryCreate")] private static extern long RawMemoryCreate(ulong account,
        ulong length, ulong flags);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceMap")] private static extern long RawSpaceMap(ulong space, ulong address,
        ulong length, ulong flags, ulong handle, ulong offset);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceUnmap")] private static extern long RawSpaceUnmap(ulong space, ulong address,
        ulong length);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceProtect")] private static extern long RawSpaceProtect(ulong space,
        ulong address, ulong length, ulong flags);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceOffer")] private static extern long RawSpaceOffer(ulong space, ulong address,
        ulong length, ulong offered);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceRepeat")] private static extern long RawSpaceRepeat(ulong space,
        ulong address, ulong length, ulong flags, ulong from);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceQuery")] private static extern long RawSpaceQuery(ulong space, ulong address);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceFindGap")] private static extern long RawSpaceFindGap(ulong space,
        ulong length, ulong lowest, ulong highest, ulong alignment);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceMove")] private static extern long RawSpaceMove(ulong space, ulong address,
        ulong length, ulong target, ulong keeps);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceDiscard")] private static extern long RawSpaceDiscard(ulong space,
        ulong address, ulong length);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceInterrupt")] private static extern long RawSpaceInterrupt(ulong space,
        ulong group);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceTerminate")] private static extern long RawSpaceTerminate(ulong space,
        ulong group);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceDestroy")] private static extern long RawSpaceDestroy(ulong space);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpaceUsage")] private static extern long RawSpaceUsage(ulong space, ulong group);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SpacePopulate")] private static extern long RawSpacePopulate(ulong space,
        ulong address, ulong length);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_ThreadReserve")] private static extern long RawThreadReserve(ulong space);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_ThreadRelease")] private static extern long RawThreadRelease(ulong space,
        ulong slot);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_ThreadCreate")] private static extern long RawThreadCreate(ulong space, ulong slot,
        ulong entry, ulong argument, ulong group, ulong flags);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_ThreadExit")] private static extern long RawThreadExit(ulong argument, ulong word);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_ThreadResume")] private static extern long RawThreadResume(ulong thread);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_ThreadSetAffinity")] private static extern long RawThreadSetAffinity(ulong thread,
        ulong mask);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_ThreadYield")] private static extern long RawThreadYield();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_ThreadUsage")] private static extern long RawThreadUsage(ulong thread);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_ThreadSlotInUse")] private static extern long RawThreadSlotInUse(ulong slot);
    [MethodImpl(MethodImplOptions.InternalCall),
        RuntimeImport("*", "kernel_ThreadInterruptSlot")] private static extern long RawThreadInterruptSlot(ulong slot);
    [MethodImpl(MethodImplOptions.InternalCall),
        RuntimeImport("*", "kernel_NotificationSignal")] private static extern long RawNotificationSignal(ulong notification, ulong bits);
    [MethodImpl(MethodImplOptions.InternalCall),
        RuntimeImport("*", "kernel_NotificationWait")] private static extern long RawNotificationWait(ulong notification, ulong deadline, ulong flags);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_SignalAndWait")] private static extern long RawSignalAndWait(ulong signal,
        ulong bits, ulong wait, ulong deadline, ulong flags);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_WordWait")] private static extern long RawWordWait(ulong address, ulong expected,
        ulong deadline, ulong flags, ulong bitset);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_WordWake")] private static extern long RawWordWake(ulong address, ulong count,
        ulong bitset);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_WordRequeue")] private static extern long RawWordRequeue(ulong address, ulong wake,
        ulong target, ulong requeue, ulong expected, ulong compare);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_WordWaitMany")] private static extern long RawWordWaitMany(ulong count,
        ulong deadline, ulong flags);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_EndpointCall")] private static extern long RawEndpointCall(ulong endpoint,
        ulong deadline, ulong flags);

    /// <summary>The calling thread's message area as words: results that do not fit a register.</summary>
    public static ulong* MessageWords(TaskState* task) => (ulong*)TaskState.MessageOf(task);

    /// <summary>Writes the message area's first bytes to the log.</summary>
    public static long LogWrite(uint machine, ulong length) => RawLogWrite(machine, length);
    /// <summary>Closes a handle.</summary>
    public static long HandleClose(uint handle) => RawHandleClose(handle);
    /// <summary>Type and rights of a handle.</summary>
    public static long HandleQuery(uint handle) => RawHandleQuery(handle);
    /// <summary>Anonymous memory object.</summary>
    public static long MemoryCreate(ulong length, MemoryFlags flags) => RawMemoryCreate(0, length, (ulong)flags);
    /// <summary>Maps into the own space; handle 0 = anonymous (for GrowsDown: the length limit).</summary>
    public static long Map(ulong address, ulong length, MapFlags flags, ulong handle, ulong offset) =>
        RawSpaceMap(Self, address, length, (ulong)flags, handle, offset);
    /// <summary>Lets vfs replace what a range holds, or not any more.</summary>
    public static long Offer(ulong address, ulong length, bool offered) => RawSpaceOffer(Self, address, length, offered ? 1ul : 0);
    /// <summary>Maps once more what is mapped from another address on, where that is allowed.</summary>
    public static long Repeat(ulong address, ulong length, MapFlags flags, ulong from) => RawSpaceRepeat(Self, address, length, (ulong)flags, from);
    /// <summary>Unmaps; holes are fine.</summary>
    public static long Unmap(ulong address, ulong length) => RawSpaceUnmap(Self, address, length);
    /// <summary>Changes protection.</summary>
    public static long Protect(ulong address, ulong length, MapFlags flags) => RawSpaceProtect(Self, address, length, (ulong)flags);
    /// <summary>Region at or above the address; details in the message area.</summary>
    public static long Query(ulong address) => RawSpaceQuery(Self, address);
    /// <summary>Highest free address in a range.</summary>
    public static long FindGap(ulong length, ulong lowest, ulong highest, ulong alignment) => RawSpaceFindGap(Self, length, lowest, highest, alignment);
    /// <summary>Moves a range of one region, or its pages alone.</summary>
    public static long Move(ulong address, ulong length, ulong target, bool keeps) => RawSpaceMove(Self, address, length, target, keeps ? 1ul : 0);
    /// <summary>Drops private pages.</summary>
    public static long Discard(ulong address, ulong length) => RawSpaceDiscard(Self, address, length);
    /// <summary>Touches each page for write.</summary>
    public static long Populate(ulong address, ulong length) => RawSpacePopulate(Self, address, length);
    /// <summary>Interrupts all threads of a group of this space.</summary>
    public static long Interrupt(uint group) => RawSpaceInterrupt(Self, group);
    /// <summary>Ends a group's threads.</summary>
    public static long Terminate(uint group) => RawSpaceTerminate(Self, group);
    /// <summary>Ends the own space.</summary>
    public static long Destroy() => RawSpaceDestroy(Self);
    /// <summary>Usage of a group (0 = all) into the message area.</summary>
    public static long Usage(uint group) => RawSpaceUsage(Self, group);
    /// <summary>Reserves a thread slot.</summary>
    public static long ThreadReserve() => RawThreadReserve(Self);
    /// <summary>Gives a slot back.</summary>
    public static long ThreadRelease(uint slot) => RawThreadRelease(Self, slot);
    /// <summary>Creates a thread of the own group at <paramref name="entry"/>; returns a handle.</summary>
    public static long ThreadCreate(uint slot, ulong entry, ulong argument, ThreadFlags flags) => RawThreadCreate(Self, slot, entry, argument, 0, (ulong)flags);
    /// <summary>Lets a suspended thread run.</summary>
    public static long ThreadResume(uint thread) => RawThreadResume(thread);
    /// <summary>Ends the calling thread, then clears and wakes the word.</summary>
    public static void ThreadExit(ulong argument, ulong word) => RawThreadExit(argument, word);
    /// <summary>Binds the calling thread to CPUs.</summary>
    public static long SetAffinity(ulong mask) => RawThreadSetAffinity(WellKnownHandle.CurrentThread, mask);
    /// <summary>Lets others run.</summary>
    public static long Yield() => RawThreadYield();
    /// <summary>Usage of the calling thread into the message area.</summary>
    public static long ThreadUsage() => RawThreadUsage(WellKnownHandle.CurrentThread);
    /// <summary>1 if a thread holds the slot.</summary>
    public static long SlotInUse(uint slot) => RawThreadSlotInUse(slot);
    /// <summary>Interrupts the thread in a slot.</summary>
    public static long InterruptSlot(uint slot) => RawThreadInterruptSlot(slot);
    /// <summary>Rings a notification.</summary>
    public static long Signal(uint notification, ulong bits) => RawNotificationSignal(notification, bits);
    /// <summary>Waits for bits.</summary>
    public static long Wait(uint notification, ulong deadline, WaitFlags flags) => RawNotificationWait(notification, deadline, (ulong)flags);
    /// <summary>Rings one, waits on the other.</summary>
    public static long SignalAndWait(uint signal, ulong bits, uint wait, ulong deadline, WaitFlags flags) =>
        RawSignalAndWait(signal, bits, wait, deadline, (ulong)flags);
    /// <summary>Waits while the word has the expected value.</summary>
    public static long WordWait(uint* address, uint expected, ulong deadline, WaitFlags flags) =>
        RawWordWait((ulong)address, expected, deadline, (ulong)flags, 0);
    /// <summary>The same for a program's word, with a bitset.</summary>
    public static long WordWait(ulong address, uint expected, ulong deadline, WaitFlags flags, uint bitset) =>
        RawWordWait(address, expected, deadline, (ulong)flags, bitset);
    /// <summary>Wakes waiters of an own word.</summary>
    public static long WordWake(uint* address, uint count) => RawWordWake((ulong)address, count, 0);
    /// <summary>Wakes waiters of a program's word.</summary>
    public static long WordWake(ulong address, uint count, uint bitset) => RawWordWake(address, count, bitset);
    /// <summary>Wakes some waiters and moves others to another word.</summary>
    public static long WordRequeue(ulong address, uint wake, ulong target, uint requeue, uint expected, bool compare) =>
        RawWordRequeue(address, wake, target, requeue, expected, compare ? 1ul : 0);
    /// <summary>Waits on several words listed in the message area.</summary>
    public static long WordWaitMany(uint count, ulong deadline, WaitFlags flags) => RawWordWaitMany(count, deadline, (ulong)flags);
    /// <summary>Sends the message area and waits for the reply in it.</summary>
    public static long Call(uint endpoint, ulong deadline, WaitFlags flags) => RawEndpointCall(endpoint, deadline, (ulong)flags);

    /// <summary>Linux error for a failed kernel call that deals with memory.</summary>
    public static long MemoryError(long status) => (KernelStatus)status switch
    {
        KernelStatus.NoMemory or KernelStatus.NotMapped => -Errno.ENOMEM,
        KernelStatus.Occupied => -Errno.EEXIST,
        KernelStatus.NoRight => -Errno.EACCES,
        KernelStatus.Fault => -Errno.EFAULT,
        _ => -Errno.EINVAL,
    };
}
