using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Memory that both sides of a fork see, mapped at <see cref="SharedMemory.At"/>.</summary>
internal struct SharedState
{
    public uint Word, Stage;
    public ulong Value, Address;
    public long Result0, Result1, Result2, Result3;
}

/// <summary>The shared page.</summary>
internal static unsafe class SharedMemory
{
    public const ulong At = 0x2000_0000;

    public static SharedState* State => (SharedState*)At;

    /// <summary>Maps a fresh shared page; returns the object.</summary>
    public static long Create()
    {
        long o = Kernel.Call(KernelCall.MemoryCreate, 0, 4096, 0);
        Kernel.Call(KernelCall.SpaceMap, WellKnownHandle.Self, At, 4096, (ulong)(MapFlags.Read | MapFlags.Write | MapFlags.Shared), (ulong)o);
        return o;
    }

    public static void Drop(long o)
    {
        Kernel.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, At, 4096);
        Kernel.Call(KernelCall.HandleClose, (ulong)o);
    }
}

/// <summary>A forked space with one thread.</summary>
internal unsafe struct Child
{
    public long Space, Thread, Endpoint;
    public Work Work;

    /// <summary>Forks the own space; the child runs a function.</summary>
    public void Start(Child* self, delegate*<ulong, void> function, ulong argument)
    {
        Endpoint = Kernel.Call(KernelCall.EndpointCreate);
        Work.Function = function;
        Work.Argument = argument;
        Work.Done = 0;
        Space = Kernel.Call(KernelCall.SpaceFork, WellKnownHandle.Self, WellKnownHandle.BootAccount, (ulong)Endpoint, 0xc41d);
    }

    /// <summary>Gives the child a handle under a number.</summary>
    public void Give(uint index, long handle) => Kernel.Call(KernelCall.HandleInstall, (ulong)Space, index, (ulong)handle, (ulong)Rights.All);

    public void Go(Child* self) =>
        Thread = Kernel.Call(KernelCall.ThreadCreate, (ulong)Space, 0, Kernel.EntryOfThreads, (ulong)&self->Work, 7, 0);

    /// <summary>Waits for the death message and frees everything; returns its kind.</summary>
    public long End()
    {
        long status = Kernel.Call(KernelCall.EndpointReceive, (ulong)Endpoint, ulong.MaxValue);
        long kind = status != 0 ? status : Kernel.Block->Message.Badge == 0xc41d ? Kernel.Block->Message.Kind : -100;
        Close();
        return kind;
    }

    public void Close()
    {
        Kernel.Call(KernelCall.SpaceDestroy, (ulong)Space);
        Kernel.Call(KernelCall.HandleClose, (ulong)Space);
        Kernel.Call(KernelCall.HandleClose, (ulong)Thread);
        Kernel.Call(KernelCall.HandleClose, (ulong)Endpoint);
    }
}

/// <summary>Forks, messages between spaces, deaths and faults.</summary>
internal static unsafe class SpaceTests
{
    private const ulong ReadWrite = (ulong)(MapFlags.Read | MapFlags.Write), Self = WellKnownHandle.Self;
    private const ulong Omitted = 0x3000_0000, Wiped = 0x3100_0000, Copied = 0x3200_0000;
    private static uint privateWord;

    public static void Run()
    {
        Test("a fork copies, shares, wipes and leaves out"u8, &Fork);
        Test("a fork of many pages restarts and is complete"u8, &LargeFork);
        Test("words wake across spaces"u8, &WordsAcross);
        Test("calls and signals cross spaces"u8, &CallsAcross);
        Test("a fault in the window is a message, and can be retried"u8, &FaultMessage);
        Test("a stray syscall in the window is a fault"u8, &Stray);
        Test("a space without memory left tells its supervisor"u8, &OutOfMemory);
        Test("a fresh space has the window and nothing else"u8, &Fresh);
        Test("destroying a space ends its threads"u8, &DestroyRunning);
        Test("a pager supplies missing pages"u8, &Paged);
        Test("a debugger reads memory and registers of another space"u8, &Debug);
        Test("bytes are copied from one space into another as it could have written them"u8, &CopyAcross);
        Test("a space that alone could hear of its death is freed"u8, &OwnSupervisor);
        Test("a thread that ends while it faults waits for nobody"u8, &EndInFault);
    }

    private static void ForkChild(ulong argument)
    {
        SharedState* s = SharedMemory.State;
        s->Result0 = privateWord;
        privateWord = 2;
        s->Result1 = Kernel.CopyWord(Omitted);
        s->Result2 = Kernel.CopyWord(Wiped);
        s->Result3 = Kernel.CopyWord(Copied);
        Kernel.StoreWord(Copied, 99);
        Kernel.StoreWord(Copied + 4096, 98);
        s->Address = (ulong)Kernel.Block->Group;
        Volatile.Write(ref s->Stage, 1);
    }

    private static void Fork()
    {
        AccountState before = Accounts.State();
        long o = SharedMemory.Create();
        privateWord = 1;
        Kernel.Call(KernelCall.SpaceMap, Self, Omitted, 4096, ReadWrite | (ulong)MapFlags.ForkOmit);
        Kernel.Call(KernelCall.SpaceMap, Self, Wiped, 4096, ReadWrite | (ulong)MapFlags.ForkWipe);
        Kernel.Call(KernelCall.SpaceMap, Self, Copied, 8192, ReadWrite);
        Kernel.StoreWord(Omitted, 5);
        Kernel.StoreWord(Wiped, 6);
        Kernel.StoreWord(Copied, 7);
        Kernel.StoreWord(Copied + 4096, 8);
        Child child = default;
        child.Start(&child, &ForkChild, 0);
        Expect(child.Space > 0, 1);
        // Written after the fork: the child must not see it.
        Kernel.StoreWord(Copied + 4096, 9);
        child.Go(&child);
        Expect(child.Thread > 0, 2);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 3);
        SharedState* s = SharedMemory.State;
        Expect(s->Stage, 1, 4);
        Expect(s->Result0, 1, 5);
        Expect(s->Result1, -1, 6);
        Expect(s->Result2, 0, 7);
        Expect(s->Result3, 7, 8);
        Expect((long)s->Address, 7, 9);
        Expect(privateWord, 1, 10);
        Expect(Kernel.CopyWord(Copied), 7, 11);
        Expect(Kernel.CopyWord(Copied + 4096), 9, 12);
        Kernel.Call(KernelCall.SpaceUnmap, Self, Omitted, 0x300_0000);
        SharedMemory.Drop(o);
        Accounts.ExpectSame(before, 13);
    }

    private static void SumChild(ulong pages)
    {
        ulong sum = 0;
        for (ulong i = 0; i < pages; i++)
            sum += (ulong)Kernel.CopyWord(Copied + i * 4096);
        SharedMemory.State->Value = sum;
    }

    private static void LargeFork()
    {
        AccountState before = Accounts.State();
        const ulong Pages = 4000;
        long o = SharedMemory.Create();
        Kernel.Call(KernelCall.SpaceMap, Self, Copied, Pages * 4096, ReadWrite);
        ulong sum = 0;
        for (ulong i = 0; i < Pages; i++)
        {
            Kernel.StoreWord(Copied + i * 4096, (uint)(i * 3));
            sum += i * 3;
        }
        Child child = default;
        child.Start(&child, &SumChild, Pages);
        child.Go(&child);
        for (ulong i = 0; i < Pages; i++)
            Kernel.StoreWord(Copied + i * 4096, 1);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 1);
        Expect((long)SharedMemory.State->Value, (long)sum, 2);
        Kernel.Call(KernelCall.SpaceUnmap, Self, Copied, Pages * 4096);
        SharedMemory.Drop(o);
        Accounts.ExpectSame(before, 3);
    }

    private static void WaitingChild(ulong argument)
    {
        SharedState* s = SharedMemory.State;
        Volatile.Write(ref s->Stage, 1);
        s->Result0 = Kernel.Call(KernelCall.WordWait, (ulong)&s->Word, 0, ulong.MaxValue);
        Volatile.Write(ref s->Stage, 2);
    }

    private static void WordsAcross()
    {
        long o = SharedMemory.Create();
        SharedState* s = SharedMemory.State;
        Child child = default;
        child.Start(&child, &WaitingChild, 0);
        child.Go(&child);
        while (Volatile.Read(ref s->Stage) == 0)
            Kernel.Call(KernelCall.ThreadYield);
        long woken = 0;
        for (int i = 0; i < 100 && woken == 0; i++)
        {
            Threads.Sleep(1_000_000);
            woken = Kernel.Call(KernelCall.WordWake, (ulong)&s->Word, 1);
        }
        Expect(woken, 1, 1);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 2);
        Expect(s->Stage, 2, 3);
        Expect(s->Result0, 0, 4);
        SharedMemory.Drop(o);
    }

    private const uint EndpointIndex = 10, FirstIndex = 11, SecondIndex = 12;

    // Serves 100 calls, then 100 signal-and-waits.
    private static void EchoChild(ulong argument)
    {
        ulong reply = 0;
        for (int i = 0; i < 100; i++)
        {
            Kernel.Call(KernelCall.EndpointReplyAndReceive, reply, EndpointIndex, ulong.MaxValue);
            Kernel.Block->Message.Words[0]++;
            reply = Kernel.Block->Message.ReplyHandle;
        }
        Kernel.Call(KernelCall.EndpointReply, reply);
        Kernel.Call(KernelCall.NotificationWait, FirstIndex, ulong.MaxValue);
        for (int i = 0; i < 100; i++)
            Kernel.Call(KernelCall.SignalAndWait, SecondIndex, 1, FirstIndex, ulong.MaxValue);
        Kernel.Call(KernelCall.NotificationSignal, SecondIndex, 1);
    }

    private static void CallsAcross()
    {
        AccountState before = Accounts.State();
        long endpoint = Kernel.Call(KernelCall.EndpointCreate);
        long first = Kernel.Call(KernelCall.NotificationCreate), second = Kernel.Call(KernelCall.NotificationCreate);
        Child child = default;
        child.Start(&child, &EchoChild, 0);
        child.Give(EndpointIndex, endpoint);
        child.Give(FirstIndex, first);
        child.Give(SecondIndex, second);
        child.Go(&child);
        Message* m = &Kernel.Block->Message;
        m->HandleCount = 0;
        for (ulong i = 0; i < 100; i++)
        {
            m->Words[0] = i;
            Expect(Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue), 0, 1);
            Expect((long)m->Words[0], (long)i + 1, 2);
        }
        for (int i = 0; i < 101; i++)
            Expect(Kernel.Call(KernelCall.SignalAndWait, (ulong)first, 1, (ulong)second, ulong.MaxValue), 1, 3);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 4);
        Kernel.Call(KernelCall.HandleClose, (ulong)endpoint);
        Kernel.Call(KernelCall.HandleClose, (ulong)first);
        Kernel.Call(KernelCall.HandleClose, (ulong)second);
        Accounts.ExpectSame(before, 5);
    }

    // Not a copy stub: the fault is nobody's but the supervisor's.
    private static void FaultingChild(ulong address)
    {
        SharedMemory.State->Value = *(uint*)address;
        SharedMemory.State->Stage = 1;
    }

    private static void FaultMessage()
    {
        long o = SharedMemory.Create();
        Child child = default;
        child.Start(&child, &FaultingChild, Omitted);
        child.Go(&child);
        Message* m = &Kernel.Block->Message;
        Expect(Kernel.Call(KernelCall.EndpointReceive, (ulong)child.Endpoint, ulong.MaxValue), 0, 1);
        Expect(m->Kind, (long)MessageKind.Fault, 2);
        Expect((long)m->Words[0], 14, 3);
        Expect((long)m->Words[2], (long)Omitted, 4);
        Expect(m->Words[3] >= Window.Base, 5);
        Expect(m->Group, 7, 6);
        uint reply = m->ReplyHandle;
        // Repaired: the read succeeds when tried again.
        Expect(Kernel.Call(KernelCall.SpaceMap, (ulong)child.Space, Omitted, 4096, ReadWrite), 0, 7);
        m->Words[0] = 1;
        m->HandleCount = 0;
        Expect(Kernel.Call(KernelCall.EndpointReply, reply), 0, 8);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 9);
        Expect(SharedMemory.State->Stage, 1, 10);
        // Not repaired.
        SharedMemory.State->Stage = 0;
        child.Start(&child, &FaultingChild, Omitted);
        child.Go(&child);
        Kernel.Call(KernelCall.EndpointReceive, (ulong)child.Endpoint, ulong.MaxValue);
        m->Words[0] = 0;
        Kernel.Call(KernelCall.EndpointReply, m->ReplyHandle);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 11);
        Expect(SharedMemory.State->Stage, 0, 12);
        SharedMemory.Drop(o);
    }

    private static void StrayChild(ulong argument) => Kernel.StraySyscall();

    private static void Stray()
    {
        Child child = default;
        child.Start(&child, &StrayChild, 0);
        child.Go(&child);
        Message* m = &Kernel.Block->Message;
        Expect(Kernel.Call(KernelCall.EndpointReceive, (ulong)child.Endpoint, ulong.MaxValue), 0, 1);
        Expect(m->Kind, (long)MessageKind.Fault, 2);
        Expect((long)m->Words[0], 6, 3);
        m->Words[0] = 0;
        Kernel.Call(KernelCall.EndpointReply, m->ReplyHandle);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 4);
    }

    private static void GreedyChild(ulong argument)
    {
        Kernel.Call(KernelCall.SpaceMap, Self, Omitted, 4096 * 4096, ReadWrite);
        for (ulong i = 0; i < 4096; i++)
            *(uint*)(Omitted + i * 4096) = 1;
    }

    private static void OutOfMemory()
    {
        AccountState before = Accounts.State();
        long account = Kernel.Call(KernelCall.AccountCreate, WellKnownHandle.BootAccount, 400, 100);
        Child child = default;
        child.Work.Function = &GreedyChild;
        child.Endpoint = Kernel.Call(KernelCall.EndpointCreate);
        child.Space = Kernel.Call(KernelCall.SpaceFork, Self, (ulong)account, (ulong)child.Endpoint, 0xc41d);
        child.Go(&child);
        Message* m = &Kernel.Block->Message;
        Expect(Kernel.Call(KernelCall.EndpointReceive, (ulong)child.Endpoint, ulong.MaxValue), 0, 1);
        Expect(m->Kind, (long)MessageKind.Fault, 2);
        Expect((long)m->Words[5], (long)KernelStatus.NoMemory, 3);
        m->Words[0] = 0;
        Kernel.Call(KernelCall.EndpointReply, m->ReplyHandle);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 4);
        Kernel.Call(KernelCall.HandleClose, (ulong)account);
        Accounts.ExpectSame(before, 5);
    }

    private static void Fresh()
    {
        AccountState before = Accounts.State();
        long space = Kernel.Call(KernelCall.SpaceCreate, WellKnownHandle.BootAccount, 0, 0);
        Expect(Kernel.Call(KernelCall.SpaceQuery, (ulong)space, 0), (long)Window.Vdso, 1);
        Fails(Kernel.Call(KernelCall.SpaceQuery, (ulong)space, Window.Heap + Window.HeapLength), KernelStatus.NotMapped, 2);
        Expect(Kernel.Call(KernelCall.SpaceUsage, (ulong)space, 0), 0, 3);
        Expect((long)((ulong*)&Kernel.Block->Message)[4], 0, 4);
        Kernel.Call(KernelCall.HandleClose, (ulong)space);
        Accounts.ExpectSame(before, 5);
    }

    private static void BusyChild(ulong argument)
    {
        SharedMemory.State->Stage = 1;
        while (true)
            SharedMemory.State->Value++;
    }

    private static void DestroyRunning()
    {
        AccountState before = Accounts.State();
        long o = SharedMemory.Create();
        Child child = default;
        child.Start(&child, &BusyChild, 0);
        child.Go(&child);
        while (Volatile.Read(ref SharedMemory.State->Stage) == 0)
            Threads.Sleep(1_000_000);
        Expect(Kernel.Call(KernelCall.SpaceDestroy, (ulong)child.Space), 0, 1);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 2);
        ulong value = Volatile.Read(ref SharedMemory.State->Value);
        Threads.Sleep(2_000_000);
        Expect((long)(Volatile.Read(ref SharedMemory.State->Value) - value), 0, 3);
        SharedMemory.Drop(o);
        Accounts.ExpectSame(before, 4);
    }

    private static void PagedChild(ulong argument) => SharedMemory.State->Value = *(uint*)(Copied + 3 * 4096) + *(uint*)(Copied + 5 * 4096);

    private static void Paged()
    {
        AccountState before = Accounts.State();
        long shared = SharedMemory.Create();
        long pager = Kernel.Call(KernelCall.EndpointCreate);
        long paged = Kernel.Call(KernelCall.MemoryCreatePaged, 0, 8 * 4096, (ulong)pager, 0x9a9e);
        long source = Kernel.Call(KernelCall.MemoryCreate, 0, 8 * 4096, 0);
        Kernel.Call(KernelCall.SpaceMap, Self, Omitted, 8 * 4096, ReadWrite | (ulong)MapFlags.Shared, (ulong)source);
        Kernel.StoreWord(Omitted + 3 * 4096, 30);
        Kernel.StoreWord(Omitted + 5 * 4096, 12);
        Child child = default;
        child.Start(&child, &PagedChild, 0);
        Expect(Kernel.Call(KernelCall.SpaceMap, (ulong)child.Space, Copied, 8 * 4096, (ulong)(MapFlags.Read | MapFlags.Shared), (ulong)paged), 0, 1);
        child.Go(&child);
        Message* m = &Kernel.Block->Message;
        for (int i = 0; i < 2; i++)
        {
            Expect(Kernel.Call(KernelCall.EndpointReceive, (ulong)pager, ulong.MaxValue), 0, 2);
            Expect(m->Kind, (long)MessageKind.PageMissing, 3);
            Expect((long)m->Badge, 0x9a9e, 4);
            ulong offset = m->Words[2];
            uint reply = m->ReplyHandle;
            Expect(Kernel.Call(KernelCall.MemorySupply, (ulong)paged, offset, 4096, (ulong)source, offset), 0, 5);
            m->Words[0] = 1;
            m->HandleCount = 0;
            Kernel.Call(KernelCall.EndpointReply, reply);
        }
        Expect(child.End(), (long)MessageKind.SpaceDeath, 6);
        Expect((long)SharedMemory.State->Value, 42, 7);
        // The pager's own space is refused at once.
        Kernel.Call(KernelCall.SpaceMap, Self, Copied, 8 * 4096, (ulong)(MapFlags.Read | MapFlags.Shared), (ulong)paged);
        Expect(Kernel.CopyWord(Copied), -1, 8);
        Kernel.Call(KernelCall.SpaceUnmap, Self, Copied, 8 * 4096);
        Kernel.Call(KernelCall.SpaceUnmap, Self, Omitted, 8 * 4096);
        Kernel.Call(KernelCall.HandleClose, (ulong)paged);
        Kernel.Call(KernelCall.HandleClose, (ulong)pager);
        Kernel.Call(KernelCall.HandleClose, (ulong)source);
        SharedMemory.Drop(shared);
        Accounts.ExpectSame(before, 9);
    }

    private static void DebuggedChild(ulong argument)
    {
        Kernel.StoreWord(Copied, 0x1234_5678);
        Kernel.StoreWord(Copied + 4092, 0x9abc_def0);
        SharedMemory.State->Address = (ulong)&argument;
        // Its supervisor is told of the fault and decides.
        *(uint*)Omitted = 1;
    }

    private static long CopyInto(long space, ulong address, ulong source, ulong length) =>
        Kernel.Call(KernelCall.SpaceCopy, (ulong)space, address, Self, source, length);

    private static void CopyAcross()
    {
        AccountState before = Accounts.State();
        long space = Kernel.Call(KernelCall.SpaceCreate, WellKnownHandle.BootAccount, 0, 0);
        Kernel.Call(KernelCall.SpaceMap, Self, Copied, 3 * 4096, ReadWrite);
        Kernel.Call(KernelCall.SpaceMap, (ulong)space, Wiped, 4 * 4096, ReadWrite);
        Kernel.Call(KernelCall.SpaceMap, (ulong)space, Wiped + 4 * 4096, 4096, (ulong)MapFlags.Read);
        for (ulong at = 0; at < 2 * 4096; at += 4)
            Kernel.StoreWord(Copied + at, (uint)at);
        // Across pages of both, which do not begin together; the third page of the source was never touched.
        long account = AccountFrames();
        Expect(CopyInto(space, Wiped + 4088, Copied + 4080, 3 * 4096 - 4080), 0, 1);
        Expect(AccountFrames() > account, 2);
        uint* words = (uint*)&Kernel.Block->Message;
        Expect(Kernel.Call(KernelCall.SpaceRead, (ulong)space, Wiped + 4080, 24), 24, 3);
        Expect(words[0], 0, 4);
        Expect(words[2], 4080, 5);
        Expect(words[5], 4092, 6);
        Expect(Kernel.Call(KernelCall.SpaceRead, (ulong)space, Wiped + 4088 + 4096 + 8, 16), 16, 7);
        Expect(words[0], 8184, 8);
        Expect(words[2], 0, 9);
        // What is not touched at the source is zero at the target, whatever was there.
        Expect(CopyInto(space, Wiped + 4088, Copied + 2 * 4096, 8), 0, 10);
        Expect(Kernel.Call(KernelCall.SpaceRead, (ulong)space, Wiped + 4088, 8), 8, 11);
        Expect(words[0] | words[1], 0, 12);
        // A copy of its own: the source changes alone.
        Kernel.StoreWord(Copied + 4096, 1);
        Expect(Kernel.Call(KernelCall.SpaceRead, (ulong)space, Wiped + 4104, 4), 4, 13);
        Expect(words[0], 4096, 14);
        // Its own memory, also that of the personality; never what it may not write, nor what is not there.
        Expect(CopyInto(space, Window.Heap + 8, Copied, 16), 0, 15);
        Fails(CopyInto(space, Wiped + 4 * 4096, Copied, 8), KernelStatus.NotMapped, 16);
        Fails(CopyInto(space, Window.Base, Copied, 8), KernelStatus.NotMapped, 17);
        Fails(CopyInto(space, Window.KernelPageAddress, Copied, 8), KernelStatus.NotMapped, 18);
        Fails(CopyInto(space, 0, Copied, 8), KernelStatus.NotMapped, 19);
        Fails(CopyInto(space, 0xffff_8000_0000_0000, Copied, 8), KernelStatus.NotMapped, 20);
        Fails(CopyInto(space, Wiped, 0xffff_8000_0000_0000, 8), KernelStatus.NotMapped, 21);
        Fails(CopyInto(space, Wiped, 0, 8), KernelStatus.NotMapped, 22);
        Fails(CopyInto(space, Wiped, ulong.MaxValue - 7, 16), KernelStatus.NotMapped, 23);
        Fails(CopyInto(space, Wiped, Copied, CallLimits.SpaceCopy + 8), KernelStatus.BadArgument, 24);
        Fails(CopyInto(space, Wiped + 4, Copied, 8), KernelStatus.BadArgument, 25);
        Fails(CopyInto(space, Wiped, Copied + 4, 8), KernelStatus.BadArgument, 26);
        Fails(CopyInto(space, Wiped, Copied, 4), KernelStatus.BadArgument, 27);
        Expect(CopyInto(space, 0, 0, 0), 0, 28);
        Fails(CopyInto(0x1234, Wiped, Copied, 8), KernelStatus.BadHandle, 29);
        Kernel.Call(KernelCall.SpaceDestroy, (ulong)space);
        Fails(CopyInto(space, Wiped, Copied, 8), KernelStatus.BadState, 30);
        Kernel.Call(KernelCall.HandleClose, (ulong)space);
        Kernel.Call(KernelCall.SpaceUnmap, Self, Copied, 3 * 4096);
        Accounts.ExpectSame(before, 31);
    }

    private static void Debug()
    {
        AccountState before = Accounts.State();
        long o = SharedMemory.Create(), endpoint = Kernel.Call(KernelCall.EndpointCreate);
        long paged = Kernel.Call(KernelCall.MemoryCreatePaged, 0, 4096, (ulong)endpoint, 1);
        long device = Kernel.Call(KernelCall.MemoryDevice, WellKnownHandle.BootMachine, 0xb000_0000, 4096);
        Kernel.Call(KernelCall.SpaceMap, Self, Copied, 3 * 4096, ReadWrite);
        Child child = default;
        child.Start(&child, &DebuggedChild, 0);
        ulong space = (ulong)child.Space;
        Kernel.Call(KernelCall.SpaceMap, space, Wiped, 4096, (ulong)(MapFlags.Read | MapFlags.Shared), (ulong)paged);
        Kernel.Call(KernelCall.SpaceMap, space, Wiped + 4096, 4096, (ulong)(MapFlags.Read | MapFlags.Shared), (ulong)device);
        child.Go(&child);
        Expect(Kernel.Call(KernelCall.EndpointReceive, (ulong)child.Endpoint, ulong.MaxValue), 0, 1);
        Message* message = &Kernel.Block->Message;
        ulong reply = message->ReplyHandle, rip = message->Words[3], rsp = message->Words[4];
        Expect(message->Kind, (long)MessageKind.Fault, 2);
        RegisterFrame* registers = (RegisterFrame*)message;
        Expect(Kernel.Call(KernelCall.SpaceReadRegisters, space, 0), 0, 3);
        Expect((long)registers->Rip, (long)rip, 4);
        Expect((long)registers->Rsp, (long)rsp, 5);
        Fails(Kernel.Call(KernelCall.SpaceReadRegisters, space, 1), KernelStatus.BadState, 6);
        Fails(Kernel.Call(KernelCall.SpaceReadRegisters, space, Window.ThreadSlots), KernelStatus.BadArgument, 7);
        Fails(Kernel.Call(KernelCall.SpaceReadRegisters, Self, 0), KernelStatus.BadState, 8);
        // Its page, not the own one at the same address; across a page's end; untouched pages are zero and stay so.
        uint* words = (uint*)message;
        Kernel.StoreWord(Copied, 7);
        long account = AccountFrames();
        Expect(Kernel.Call(KernelCall.SpaceRead, space, Copied, ThreadBlock.MessageLength), ThreadBlock.MessageLength, 9);
        Expect(words[0], 0x1234_5678, 10);
        Expect(Kernel.Call(KernelCall.SpaceRead, space, Copied + 4091, 9), 9, 11);
        Expect(words[0], 0xbcde_f000u, 12);
        Expect(words[1], 0x9a, 13);
        Expect(Kernel.Call(KernelCall.SpaceRead, space, Copied + 2 * 4096, 8), 8, 14);
        Expect(words[0], 0, 15);
        Expect(AccountFrames(), account, 16);
        // Whatever the protection is.
        Kernel.Call(KernelCall.SpaceProtect, space, Copied, 4096, 0);
        Expect(Kernel.Call(KernelCall.SpaceRead, space, Copied, 4), 4, 17);
        Expect(words[0], 0x1234_5678, 18);
        // What ends in the middle is read up to there.
        Expect(Kernel.Call(KernelCall.SpaceRead, space, Copied + 3 * 4096 - 8, 100), 8, 19);
        Fails(Kernel.Call(KernelCall.SpaceRead, space, Copied + 3 * 4096, 8), KernelStatus.NotMapped, 20);
        Fails(Kernel.Call(KernelCall.SpaceRead, space, Wiped, 8), KernelStatus.NotMapped, 21);
        Fails(Kernel.Call(KernelCall.SpaceRead, space, Wiped + 4096, 8), KernelStatus.NotMapped, 22);
        Fails(Kernel.Call(KernelCall.SpaceRead, space, ulong.MaxValue - 3, 8), KernelStatus.NotMapped, 23);
        Fails(Kernel.Call(KernelCall.SpaceRead, space, 0xffff_8000_0000_0000, 8), KernelStatus.NotMapped, 24);
        Fails(Kernel.Call(KernelCall.SpaceRead, space, Copied, ThreadBlock.MessageLength + 1), KernelStatus.BadArgument, 25);
        Expect(Kernel.Call(KernelCall.SpaceRead, space, 0, 0), 0, 26);
        long weak = Kernel.Call(KernelCall.HandleDuplicate, space, (ulong)Rights.Read);
        Fails(Kernel.Call(KernelCall.SpaceRead, (ulong)weak, Copied, 8), KernelStatus.NoRight, 27);
        Fails(Kernel.Call(KernelCall.SpaceReadRegisters, (ulong)weak, 0), KernelStatus.NoRight, 28);
        Kernel.Call(KernelCall.HandleClose, (ulong)weak);
        message->Words[0] = 0;
        message->HandleCount = 0;
        Kernel.Call(KernelCall.EndpointReply, reply);
        Expect(child.End(), (long)MessageKind.SpaceDeath, 29);
        Kernel.Call(KernelCall.SpaceUnmap, Self, Copied, 3 * 4096);
        SharedMemory.Drop(o);
        foreach (long handle in (System.ReadOnlySpan<long>)[paged, device, endpoint])
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        Accounts.ExpectSame(before, 30);
    }

    private static long AccountFrames()
    {
        Kernel.Call(KernelCall.AccountQuery, WellKnownHandle.BootAccount);
        return (long)Kernel.Block->Message.Words[1];
    }

    private static void Nothing(ulong argument)
    {
    }

    private static void OwnSupervisor()
    {
        AccountState before = Accounts.State();
        for (int i = 0; i < 3; i++)
        {
            Child child = default;
            child.Start(&child, &Nothing, 0);
            child.Give(20, child.Endpoint);
            child.Give(21, child.Space);
            Kernel.Call(KernelCall.HandleClose, (ulong)child.Endpoint);
            child.Go(&child);
            do
                Threads.Sleep(50_000);
            while (Kernel.Call(KernelCall.SpaceUsage, (ulong)child.Space, 0) == 0 && Kernel.Block->Message.Words[4] != 0);
            Kernel.Call(KernelCall.HandleClose, (ulong)child.Thread);
            Kernel.Call(KernelCall.HandleClose, (ulong)child.Space);
        }
        Accounts.ExpectSame(before, 1);
    }

    private static void FaultSoon(ulong argument)
    {
        ulong end = Kernel.TimeStamp() + (Kernel.TimeStamp() >> 4) % 100_000;
        while (Kernel.TimeStamp() < end)
        {
        }
        Kernel.CopyWord(Wiped);
    }

    private static void EndInFault()
    {
        AccountState before = Accounts.State();
        long pager = Kernel.Call(KernelCall.EndpointCreate);
        // Nobody ever supplies the page.
        long paged = Kernel.Call(KernelCall.MemoryCreatePaged, 0, 4096, (ulong)pager, 1);
        Child child = default;
        child.Start(&child, &FaultSoon, 0);
        Kernel.Call(KernelCall.SpaceMap, (ulong)child.Space, Wiped, 4096, (ulong)(MapFlags.Read | MapFlags.Shared), (ulong)paged);
        for (int round = 0; round < 300; round++)
        {
            child.Go(&child);
            ulong end = Kernel.TimeStamp() + (Kernel.TimeStamp() >> 4) % 100_000;
            while (Kernel.TimeStamp() < end)
            {
            }
            Kernel.Call(KernelCall.SpaceTerminate, (ulong)child.Space, 7);
            ulong limit = Threads.Now + 2_000_000_000;
            while (Kernel.Call(KernelCall.SpaceUsage, (ulong)child.Space, 0) == 0 && Kernel.Block->Message.Words[4] != 0 && Threads.Now < limit)
                Threads.Sleep(20_000);
            Expect((long)Kernel.Block->Message.Words[4], 0, 1);
            Kernel.Call(KernelCall.HandleClose, (ulong)child.Thread);
            child.Thread = 0;
        }
        child.Close();
        Kernel.Call(KernelCall.HandleClose, (ulong)paged);
        Kernel.Call(KernelCall.HandleClose, (ulong)pager);
        Accounts.ExpectSame(before, 2);
    }
}
