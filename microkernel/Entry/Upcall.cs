using Libsys.Abi;
using Microkernel.Layout;

namespace Microkernel;

/// <summary>Sends a thread that is in program code into its personality (the entry stub does it by itself for a plain reflected syscall).</summary>
internal static unsafe class Upcall
{
    /// <summary>Stores the program's state in the thread block and continues at the personality's entry.</summary>
    public static void Enter(Thread* thread, EntryKind kind, ulong faultAddress)
    {
        RegisterFrame* frame = Thread.FrameOf(thread);
        ThreadBlock* block = thread->Block;
        if (frame->Vector == 0)
        {
            // As the CPU left them at syscall.
            frame->Rcx = frame->Rip;
            frame->R11 = frame->Rflags;
        }
        Machine.CopyWords(&block->Frame, frame, (ulong)sizeof(RegisterFrame));
        block->Frame.Cs = Selectors.UserCode;
        block->Frame.Ss = Selectors.UserData;
        block->Kind = (uint)kind;
        block->FaultAddress = faultAddress;
        Thread.SetEntry(thread, Personality.Header->Entry);
    }
}
