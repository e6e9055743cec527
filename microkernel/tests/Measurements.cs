using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Nanoseconds a step; with QEMU's -icount shift=0 and one CPU a nanosecond is an instruction.</summary>
internal static unsafe class Measurements
{
    private const ulong Rounds = 2000;
    private const uint EndpointIndex = 10, FirstIndex = 11, SecondIndex = 12;

    public static void Run()
    {
        Null();
        Reflection();
        AcrossSpaces();
        Faults();
        Connection();
        Pinning();
    }

    private static void Null()
    {
        ulong start = Threads.Now;
        for (ulong i = 0; i < Rounds; i++)
            Kernel.Call(KernelCall.Null);
        Measure("null-call"u8, (Threads.Now - start) / Rounds);
        start = Threads.Now;
        for (ulong i = 0; i < Rounds; i++)
            Kernel.Call(KernelCall.ThreadSelf);
        Measure("dispatched-call"u8, (Threads.Now - start) / Rounds);
    }

    private static ulong bounceStart;

    private static void RunBounce(ulong argument)
    {
        bounceStart = Threads.Now;
        ProgramTests.Become(ProgramTests.AddressOf(ProgramCode.Bounce), 0, Rounds);
    }

    private static void Reflection()
    {
        ProgramTests.State = default;
        Work work;
        Threads.Start(&work, &RunBounce, 0);
        ProgramTests.Wait(&work);
        Measure("reflection-and-back"u8, (ProgramTests.State.Time - bounceStart) / Rounds);
    }

    private static void Echo(ulong argument)
    {
        ulong reply = 0;
        Message* message = &Kernel.Block->Message;
        message->HandleCount = 0;
        for (ulong i = 0; i < Rounds + 10; i++)
        {
            Kernel.Call(KernelCall.EndpointReplyAndReceive, reply, EndpointIndex, ulong.MaxValue);
            reply = message->ReplyHandle;
        }
        Kernel.Call(KernelCall.EndpointReply, reply);
        Kernel.Call(KernelCall.NotificationWait, FirstIndex, ulong.MaxValue);
        for (ulong i = 0; i < Rounds + 10; i++)
            Kernel.Call(KernelCall.SignalAndWait, SecondIndex, 1, FirstIndex, ulong.MaxValue);
        Kernel.Call(KernelCall.NotificationSignal, SecondIndex, 1);
    }

    private static void AcrossSpaces()
    {
        long endpoint = Kernel.Call(KernelCall.EndpointCreate);
        long first = Kernel.Call(KernelCall.NotificationCreate), second = Kernel.Call(KernelCall.NotificationCreate);
        Child child = default;
        child.Start(&child, &Echo, 0);
        child.Give(EndpointIndex, endpoint);
        child.Give(FirstIndex, first);
        child.Give(SecondIndex, second);
        child.Go(&child);
        Message* message = &Kernel.Block->Message;
        message->HandleCount = 0;
        for (int i = 0; i < 10; i++)
            Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue);
        ulong start = Threads.Now;
        for (ulong i = 0; i < Rounds; i++)
            Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue);
        // There and back are two ways.
        Measure("call-reply-one-way"u8, (Threads.Now - start) / (2 * Rounds));
        for (int i = 0; i < 10; i++)
            Kernel.Call(KernelCall.SignalAndWait, (ulong)first, 1, (ulong)second, ulong.MaxValue);
        start = Threads.Now;
        for (ulong i = 0; i < Rounds; i++)
            Kernel.Call(KernelCall.SignalAndWait, (ulong)first, 1, (ulong)second, ulong.MaxValue);
        Measure("signal-and-wait-one-way"u8, (Threads.Now - start) / (2 * Rounds));
        Kernel.Call(KernelCall.SignalAndWait, (ulong)first, 1, (ulong)second, ulong.MaxValue);
        child.End();
        Kernel.Call(KernelCall.HandleClose, (ulong)endpoint);
        Kernel.Call(KernelCall.HandleClose, (ulong)first);
        Kernel.Call(KernelCall.HandleClose, (ulong)second);
    }

    private static void Faults()
    {
        const ulong At = 0x6000_0000, Pages = 500;
        Kernel.Call(KernelCall.SpaceMap, WellKnownHandle.Self, At, Pages * 4096, (ulong)(MapFlags.Read | MapFlags.Write));
        ulong start = Threads.Now;
        for (ulong i = 0; i < Pages; i++)
            *(uint*)(At + i * 4096) = 1;
        Measure("demand-zero-fault"u8, (Threads.Now - start) / Pages);
        start = Threads.Now;
        Kernel.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, At, Pages * 4096);
        Measure("unmap-page"u8, (Threads.Now - start) / Pages);
        Child child = default;
        start = Threads.Now;
        child.Start(&child, &Nothing, 0);
        Measure("fork"u8, Threads.Now - start);
        start = Threads.Now;
        child.Go(&child);
        child.End();
        Measure("first-thread-to-end"u8, Threads.Now - start);
    }

    // What a transfer of a page, and of 16, costs beside its messages. With an IOMMU the device may have them meanwhile, and only then.
    private static void Pinning()
    {
        const ulong Pages = 16;
        EduDevice device = default;
        if (!device.Open())
            return;
        ulong domain = (ulong)Kernel.Call(KernelCall.DmaDomainCreate, WellKnownHandle.BootMachine, 0, device.NumberPlusOne);
        ulong memory = (ulong)Kernel.Call(KernelCall.MemoryCreate, 0, Pages * 4096, (ulong)MemoryFlags.Sealed);
        // The queues of a device stay.
        Kernel.Call(KernelCall.DmaPin, domain, memory, 0, 4096);
        ulong start = Threads.Now;
        for (ulong i = 0; i < Rounds; i++)
            Kernel.Call(KernelCall.DmaUnpin, domain, (ulong)Kernel.Call(KernelCall.DmaPin, domain, memory, 4096, 4096));
        Measure("pin-and-unpin-a-page"u8, (Threads.Now - start) / Rounds);
        start = Threads.Now;
        for (ulong i = 0; i < Rounds; i++)
            Kernel.Call(KernelCall.DmaUnpin, domain, (ulong)Kernel.Call(KernelCall.DmaPin, domain, memory, 0, Pages * 4096));
        Measure("pin-and-unpin-16-pages"u8, (Threads.Now - start) / Rounds);
        Kernel.Call(KernelCall.HandleClose, domain);
        Kernel.Call(KernelCall.HandleClose, memory);
        device.Close();
    }

    // What a second connection would add to a fork: the pages of two rings, made, mapped on both sides, and ended. No pool.
    private static void Connection()
    {
        const ulong Here = 0x6000_0000, There = 0x6100_0000, Pages = 4, Times = 100;
        ulong access = (ulong)(MapFlags.Read | MapFlags.Write | MapFlags.Shared);
        ulong start = Threads.Now;
        for (ulong i = 0; i < Times; i++)
        {
            ulong memory = (ulong)Kernel.Call(KernelCall.MemoryCreate, 0, Pages * 4096, (ulong)MemoryFlags.Sealed);
            Kernel.Call(KernelCall.SpaceMap, WellKnownHandle.Self, Here, Pages * 4096, access, memory, 0);
            Kernel.Call(KernelCall.SpaceMap, WellKnownHandle.Self, There, Pages * 4096, access, memory, 0);
            *(uint*)Here = *(uint*)There = 1;
            Kernel.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, Here, Pages * 4096);
            Kernel.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, There, Pages * 4096);
            Kernel.Call(KernelCall.MemoryDestroy, memory);
            Kernel.Call(KernelCall.HandleClose, memory);
        }
        Measure("ring-pages-made-and-ended"u8, (Threads.Now - start) / Times);
    }

    private static void Nothing(ulong argument)
    {
    }
}
