using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>What the fuzzing space and its supervisor share; behind <see cref="SharedState"/> in the shared page.</summary>
internal struct FuzzState
{
    public ulong Calls, Random;
    public uint Last;
}

/// <summary>
/// Up to a million random kernel calls from a space of its own, under an account of its own: arguments are plausible more often than not. The space
/// may ruin itself; its supervisor then makes the next. What must never happen is a panic, or a charge that does not come back.
/// </summary>
internal static unsafe class Fuzzer
{
    // The full number once is enough for a test run; the other runs take a tenth.
    private const ulong FullTotal = 1_000_000, ShortTotal = 100_000;
    private const uint FullCpus = 2;

    private static ulong Total => Kernel.Page->CpuCount == FullCpus ? FullTotal : ShortTotal;

    private const ulong Self = WellKnownHandle.Self, CurrentThread = WellKnownHandle.CurrentThread;
    private const uint EndpointIndex = 20, FirstIndex = 21, SecondIndex = 22, MemoryIndex = 23, AccountIndex = 24, FriendIndex = 25,
        DomainIndex = 26, PortsIndex = 27, InterruptIndex = 28, LogIndex = 29;
    private const uint Given = LogIndex + 1 - EndpointIndex, Numbers = (uint)KernelCall.SpaceCopy + 2;
    // A UART that nobody listens to, and a line without a device.
    private const ulong Ports = 0x3f8, PortCount = 8, Line = 5;
    private const ulong Scratch = 0x7000_0000;

    private static FuzzState* State => (FuzzState*)(SharedMemory.At + 1024);

    public static void Run() => Test("random calls do no harm"u8, &Fuzz);

    private static ulong Next(ref ulong random)
    {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        return random;
    }

    private static ulong Argument(ref ulong random)
    {
        ulong r = Next(ref random);
        ulong v = r >> 8;
        switch (r & 15)
        {
            case 0: return v % 8;
            case 1: return EndpointIndex + v % Given;
            case 2: return 64 + v % 32;
            case 3: return (v & 1) == 0 ? Self : CurrentThread;
            case 4: return Scratch + v % 64 * 4096;
            case 5: return v % 32 * 4096;
            case 6: return Scratch + v % 0x40000;
            case 7: return 1ul << (int)(v % 64);
            case 8: return (v & 1) == 0 ? v % 1024 : Ports + v / 2 % PortCount;
            case 9: return Window.Base + v % 0x5000_0000;
            case 10: return (v & 1) == 0 ? 0 : ulong.MaxValue;
            case 11: return SharedMemory.At + v % 1024;
            case 12: return (1ul << (int)(v % 64)) - 1;
            case 13: return EndpointIndex + v % Given;
            case 14: return 64 + v % 8;
            default: return Next(ref random);
        }
    }

    // Calls that end the run are rare, so that most runs are long.
    private static bool IsEnd(KernelCall number) =>
        number is KernelCall.ThreadExit or KernelCall.SpaceDestroy or KernelCall.SpaceTerminate or KernelCall.SpaceSuspend
        or KernelCall.ThreadSuspend or KernelCall.SpaceFork or KernelCall.SpaceCreate;

    private static void Child(ulong argument)
    {
        FuzzState* state = State;
        ulong random = state->Random;
        ThreadBlock* block = Kernel.Block;
        ulong* message = (ulong*)&block->Message;
        ulong total = Total;
        while (state->Calls < total)
        {
            ulong r = Next(ref random);
            KernelCall number = (KernelCall)(r % Numbers);
            if (IsEnd(number) && (r >> 32) % 200 != 0)
                continue;
            if (number is KernelCall.Halt or KernelCall.LogWrite)
                continue;
            state->Random = random;
            state->Last = (uint)number;
            state->Calls++;
            message[(r >> 40) % 20] = Argument(ref random);
            block->Message.HandleCount = (uint)((r >> 48) % 6);
            block->Pending = (r >> 56) < 64 ? 1u : 0;
            ulong a = Argument(ref random), b = Argument(ref random), c = Argument(ref random), d = Argument(ref random), e = Argument(ref random),
                f = Argument(ref random);
            Kernel.Call(number, a, b, c, d, e, f);
        }
    }

    private static void Fuzz()
    {
        AccountState before = Accounts.State();
        long shared = SharedMemory.Create();
        Kernel.Call(KernelCall.SpaceUnmap, Self, SharedMemory.At, 4096);
        Kernel.Call(KernelCall.SpaceMap, Self, SharedMemory.At, 4096, (ulong)(MapFlags.Read | MapFlags.Write | MapFlags.Shared), (ulong)shared);
        State->Random = 0x2545_f491_4f6c_dd1d;
        uint runs = 0;
        while (Volatile.Read(ref State->Calls) < Total)
        {
            RunOnce();
            runs++;
        }
        SharedMemory.Drop(shared);
        Measure("fuzz-runs"u8, runs);
        AccountState after = Accounts.State();
        Expect((long)after.Handles, (long)before.Handles, 1);
        Expect((long)after.Frames, (long)before.Frames, 2);
    }

    // One space until it dies, hangs, or the total is reached.
    private static void RunOnce()
    {
        Child child = default;
        long account = Kernel.Call(KernelCall.AccountCreate, WellKnownHandle.BootAccount, 3000, 500);
        child.Endpoint = Kernel.Call(KernelCall.EndpointCreate);
        child.Work.Function = &Child;
        child.Space = Kernel.Call(KernelCall.SpaceFork, Self, (ulong)account, (ulong)child.Endpoint, 0xc41d);
        long friend = Kernel.Call(KernelCall.SpaceCreate, (ulong)account, 0, 0);
        long own = Kernel.Call(KernelCall.EndpointCreate), first = Kernel.Call(KernelCall.NotificationCreate),
            second = Kernel.Call(KernelCall.NotificationCreate);
        long memory = Kernel.Call(KernelCall.MemoryCreate, (ulong)account, 64 * 4096, 0);
        long domain = Kernel.Call(KernelCall.DmaDomainCreate, WellKnownHandle.BootMachine, (ulong)account),
            ports = Kernel.Call(KernelCall.IoPortsCreate, WellKnownHandle.BootMachine, Ports, PortCount);
        long interrupt = Kernel.Call(KernelCall.InterruptCreate, WellKnownHandle.BootMachine, Line, (ulong)first, 1);
        long log = Kernel.Call(KernelCall.HandleDuplicate, WellKnownHandle.BootMachine, (ulong)Rights.Read);
        child.Give(EndpointIndex, own);
        child.Give(DomainIndex, domain);
        child.Give(PortsIndex, ports);
        child.Give(InterruptIndex, interrupt);
        child.Give(LogIndex, log);
        child.Give(FirstIndex, first);
        child.Give(SecondIndex, second);
        child.Give(MemoryIndex, memory);
        child.Give(AccountIndex, account);
        child.Give(FriendIndex, friend);
        foreach (long handle in (System.ReadOnlySpan<long>)[own, first, second, memory, account, friend, domain, ports, interrupt, log])
            Kernel.Call(KernelCall.HandleClose, (ulong)handle);
        child.Go(&child);
        ulong calls = 0;
        int idle = 0;
        while (idle < 3)
        {
            long status = Kernel.Call(KernelCall.EndpointReceive, (ulong)child.Endpoint, Threads.Now + 20_000_000);
            Message* m = &Kernel.Block->Message;
            if (status == 0 && m->Kind == (uint)MessageKind.SpaceDeath && m->Badge == 0xc41d)
                break;
            if (status == 0)
            {
                // The fuzzed space's faults: whoever it was, it ends.
                m->Words[0] = 0;
                m->HandleCount = 0;
                Kernel.Call(KernelCall.EndpointReply, m->ReplyHandle);
                continue;
            }
            ulong now = Volatile.Read(ref State->Calls);
            if (now != calls)
            {
                calls = now;
                idle = 0;
                continue;
            }
            // It sleeps: wake it by all means there are, and give up soon.
            idle++;
            Kernel.Call(KernelCall.SpaceResume, (ulong)child.Space, 0);
            Kernel.Call(KernelCall.SpaceInterrupt, (ulong)child.Space, 0);
        }
        child.Close();
    }
}
