using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Accounts that are used up in the middle of a call.</summary>
internal static unsafe class LimitTests
{
    private const ulong ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write), Self = WellKnownHandle.Self, Root = WellKnownHandle.BootAccount;
    private const uint EndpointIndex = 10;

    public static void Run()
    {
        Test("memory may end between a page and its tables"u8, &Tables);
        Test("a message that does not fit a full table is its sender's problem"u8, &FullTable);
        Test("a fault waits until its receiver has room for a reply handle"u8, &FaultOfFullTable);
        Test("a thread that finds no handle leaves its slot reserved"u8, &ThreadWithoutHandle);
    }

    // With every limit from nothing to enough, for a page far from all others and for one of an object with tables of its own.
    private static void Tables()
    {
        const ulong Far = 0x1234_5678_9000, Near = 0x3000_0000, Page = 4096, Most = 24;
        AccountState before = Accounts.State();
        bool populated = false, committed = false;
        for (ulong limit = 1; limit <= Most; limit++)
        {
            long account = Kernel.Call(KernelCall.AccountCreate, Root, limit, 10);
            long space = Kernel.Call(KernelCall.SpaceCreate, (ulong)account, 0, 0);
            if (space > 0 && Kernel.Call(KernelCall.SpaceMap, (ulong)space, Far, Page, ReadWrite) == 0)
            {
                Accounts.State();
                populated = Kernel.Call(KernelCall.SpacePopulate, (ulong)space, Far, Page) == 0;
            }
            long o = Kernel.Call(KernelCall.MemoryCreate, (ulong)account, 1ul << 40, 0);
            if (o > 0)
            {
                Kernel.Call(KernelCall.SpaceMap, Self, Near, Page, ReadWrite | (ulong)MapFlags.Shared, (ulong)o, 1ul << 39);
                Accounts.State();
                committed = Kernel.Call(KernelCall.SpacePopulate, Self, Near, Page) == 0;
                Kernel.Call(KernelCall.SpaceUnmap, Self, Near, Page);
            }
            foreach (long handle in (System.ReadOnlySpan<long>)[o, space, account])
                Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        }
        Expect(populated, 1);
        Expect(committed, 2);
        Accounts.ExpectSame(before, 3);
    }

    // A child whose account allows few handles.
    private static void Start(Child* child, delegate*<ulong, void> function)
    {
        long account = Kernel.Call(KernelCall.AccountCreate, Root, 1000, 20);
        child->Endpoint = Kernel.Call(KernelCall.EndpointCreate);
        child->Work.Function = function;
        child->Space = Kernel.Call(KernelCall.SpaceFork, Self, (ulong)account, (ulong)child->Endpoint, 0xc41d);
        Kernel.Call(KernelCall.HandleClose, (ulong)account);
    }

    private static void FillTable()
    {
        while (Kernel.Call(KernelCall.HandleDuplicate, Self, 0) > 0)
        {
        }
    }

    private static void FullServer(ulong argument)
    {
        SharedState* s = SharedMemory.State;
        Message* m = &Kernel.Block->Message;
        for (int i = 0; i < 2; i++)
        {
            // The second time two callers wait already; the first of them sends a handle.
            s->Result0 = Kernel.Call(KernelCall.EndpointReceive, EndpointIndex, Threads.Now + 2_000_000_000);
            m->HandleCount = 0;
            s->Result1 = Kernel.Call(KernelCall.EndpointReply, m->ReplyHandle);
            FillTable();
            Volatile.Write(ref s->Stage, 1);
            while (i == 0 && Volatile.Read(ref s->Stage) == 1)
                Threads.Sleep(100_000);
        }
    }

    private static long endpoint, second;

    private static void Caller(ulong argument)
    {
        Kernel.Block->Message.HandleCount = 0;
        second = Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, Threads.Now + 4_000_000_000);
    }

    private static void SenderOfHandle(ulong argument)
    {
        Message* m = &Kernel.Block->Message;
        m->HandleCount = 1;
        m->Handles[0] = (uint)endpoint;
        m->Rights[0] = (uint)Rights.Signal;
        SharedMemory.State->Result2 = Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, Threads.Now + 4_000_000_000);
    }

    private static void FullTable()
    {
        long o = SharedMemory.Create();
        SharedState* s = SharedMemory.State;
        endpoint = Kernel.Call(KernelCall.EndpointCreate);
        Child child = default;
        Start(&child, &FullServer);
        child.Give(EndpointIndex, endpoint);
        child.Go(&child);
        Kernel.Block->Message.HandleCount = 0;
        Expect(Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue), 0, 1);
        while (Volatile.Read(ref s->Stage) == 0)
            Threads.Sleep(100_000);
        Work sender, caller;
        Threads.Start(&sender, &SenderOfHandle, 0);
        Threads.Sleep(3_000_000);
        Threads.Start(&caller, &Caller, 0);
        Threads.Sleep(3_000_000);
        Volatile.Write(ref s->Stage, 2);
        Threads.Join(&caller);
        Threads.Join(&sender);
        Expect(s->Result0, 0, 2);
        Expect(s->Result1, 0, 3);
        Fails(s->Result2, KernelStatus.NoHandle, 4);
        Expect(second, 0, 5);
        child.End();
        Kernel.Call(KernelCall.HandleClose, (ulong)endpoint);
        SharedMemory.Drop(o);
    }

    private static void FaultServer(ulong argument)
    {
        SharedState* s = SharedMemory.State;
        Message* m = &Kernel.Block->Message;
        long made, last = 0;
        while ((made = Kernel.Call(KernelCall.HandleDuplicate, Self, 0)) > 0)
            last = made;
        Volatile.Write(ref s->Stage, 1);
        s->Result0 = Kernel.Call(KernelCall.EndpointReceive, EndpointIndex, Threads.Now + 4_000_000_000);
        s->Result1 = Kernel.Call(KernelCall.EndpointReceive, EndpointIndex, Threads.Now + 4_000_000_000);
        Kernel.Call(KernelCall.HandleClose, (ulong)last);
        s->Result2 = Kernel.Call(KernelCall.EndpointReceive, EndpointIndex, Threads.Now + 4_000_000_000);
        s->Result3 = m->Kind == (uint)MessageKind.Fault ? (long)m->Words[2] : -100;
        m->Words[0] = 0;
        m->HandleCount = 0;
        Kernel.Call(KernelCall.EndpointReply, m->ReplyHandle);
        Kernel.Call(KernelCall.EndpointReceive, EndpointIndex, Threads.Now + 4_000_000_000);
        Volatile.Write(ref s->Stage, m->Kind == (uint)MessageKind.SpaceDeath ? 2u : 3);
    }

    private static void Faulter(ulong address) => Volatile.Read(ref *(uint*)address);

    private static void FaultOfFullTable()
    {
        const ulong Nowhere = 0x2_0000_0000;
        AccountState before = Accounts.State();
        long o = SharedMemory.Create();
        SharedState* s = SharedMemory.State;
        endpoint = Kernel.Call(KernelCall.EndpointCreate);
        Child server = default, child = default;
        Start(&server, &FaultServer);
        server.Give(EndpointIndex, endpoint);
        server.Go(&server);
        while (Volatile.Read(ref s->Stage) == 0)
            Threads.Sleep(100_000);
        child.Endpoint = endpoint;
        child.Work.Function = &Faulter;
        child.Work.Argument = Nowhere;
        child.Space = Kernel.Call(KernelCall.SpaceFork, Self, Root, (ulong)endpoint, 0xfa17);
        child.Go(&child);
        Expect(server.End(), (long)MessageKind.SpaceDeath, 1);
        Fails(s->Result0, KernelStatus.NoHandle, 2);
        Fails(s->Result1, KernelStatus.NoHandle, 3);
        Expect(s->Result2, 0, 4);
        Expect(s->Result3, (long)Nowhere, 5);
        Expect(s->Stage, 2, 6);
        child.Close();
        SharedMemory.Drop(o);
        Accounts.ExpectSame(before, 7);
    }

    private static void Reserver(ulong argument)
    {
        SharedState* s = SharedMemory.State;
        FillTable();
        long slot = Kernel.Call(KernelCall.ThreadReserve, Self);
        s->Result0 = Kernel.Call(KernelCall.ThreadCreate, Self, (ulong)slot, Kernel.EntryOfThreads, 0, 0, 0);
        s->Result1 = Kernel.Call(KernelCall.ThreadRelease, Self, (ulong)slot);
    }

    private static void ThreadWithoutHandle()
    {
        AccountState before = Accounts.State();
        long o = SharedMemory.Create();
        Child child = default;
        Start(&child, &Reserver);
        child.Go(&child);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 1);
        Fails(SharedMemory.State->Result0, KernelStatus.NoHandle, 2);
        Expect(SharedMemory.State->Result1, 0, 3);
        SharedMemory.Drop(o);
        Accounts.ExpectSame(before, 4);
    }
}
