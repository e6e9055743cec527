using Libsys.Abi;

namespace Microkernel;

/// <summary>What happens to a thread that faults in ring 3.</summary>
internal static unsafe class Fault
{
    /// <summary>Vectors below this are exceptions (SDM vol. 3 table 6-1).</summary>
    public const ulong Exceptions = 32;
    public const ulong InvalidOpcode = 6, Page = 14;

    /// <summary>Resolves the fault, or sends the thread to its personality, or asks the space's supervisor.</summary>
    public static void FromUser(Cpu* cpu, Thread* thread, ulong vector, ulong error, ulong address)
    {
        RegisterFrame* frame = Thread.FrameOf(thread);
        FaultResult result = FaultResult.Refused;
        if (vector == Page)
        {
            Clock.Account(cpu);
            result = PageFault.Resolve(thread->Space, address, error, out Region* missing);
            Clock.AccountSystem(cpu);
            // What is queued for destruction may be just what is missing: every entry frees some of it, and the thread faults again.
            if (result == FaultResult.Resolved || (result == FaultResult.NoMemory && Reaper.HasWork))
                return;
            if (result == FaultResult.Missing && Pager.Ask(cpu, thread, missing, address, error))
                return;
        }
        if (frame->Rip >= Window.Base)
        {
            InWindow(cpu, thread, vector, error, address, result == FaultResult.NoMemory ? (long)KernelStatus.NoMemory : 0);
            return;
        }
        if (result == FaultResult.NoMemory)
            Tell(cpu, thread, vector, error, address, (long)KernelStatus.NoMemory);
        else
            Upcall.Enter(thread, EntryKind.Fault, address);
    }

    /// <summary>A fault of the personality: expected in a copy stub, otherwise the space's supervisor decides.</summary>
    public static void InWindow(Cpu* cpu, Thread* thread, ulong vector, ulong error, ulong address, long status)
    {
        RegisterFrame* frame = Thread.FrameOf(thread);
        ulong recovery = vector == InvalidOpcode ? 0 : Personality.RecoveryOf(frame->Rip);
        if (recovery != 0)
            frame->Rip = recovery;
        else
            Tell(cpu, thread, vector, error, address, status);
    }

    /// <summary>Sends a fault message and lets the thread wait for the verdict; without an endpoint the thread ends.</summary>
    public static void Tell(Cpu* cpu, Thread* thread, ulong vector, ulong error, ulong address, long status)
    {
        Endpoint* endpoint = thread->Space->FaultEndpoint;
        RegisterFrame* frame = Thread.FrameOf(thread);
        if (endpoint == null || endpoint->ReceiveHandles == 0)
        {
            Panic.Assert(status != (long)KernelStatus.NoMemory || thread->Space != FirstSpace.Space, "no memory for the first space"u8);
            Log.Line("thread ended by fault"u8, "vector"u8, vector, "rip"u8, frame->Rip, "address"u8, address);
            Thread.End(thread, 0);
            return;
        }
        Send(cpu, thread, endpoint, MessageKind.Fault, thread->Space->FaultBadge, vector, error, address, status);
    }

    /// <summary>Makes the thread the caller of a message about its fault.</summary>
    public static void Send(Cpu* cpu, Thread* thread, Endpoint* endpoint, MessageKind kind, ulong badge, ulong vector, ulong error, ulong address, long status)
    {
        thread->FaultVector = vector;
        thread->FaultError = error;
        thread->FaultAddress = address;
        thread->FaultStatus = status;
        thread->InFault = true;
        long result = Endpoint.Call(endpoint, thread, kind, badge, ulong.MaxValue, WaitFlags.Uninterruptible, out Thread* next);
        if (result != CallResult.Blocked)
        {
            // Nobody receives any more, so nobody will decide.
            thread->InFault = false;
            Thread.End(thread, 0);
            return;
        }
        if (next != null)
            Scheduler.HandOver(cpu, next);
    }
}
