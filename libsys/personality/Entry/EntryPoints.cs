using System.Runtime;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>What the generated entry stubs call. When one of these returns, the exit stub loads the registers from the block.</summary>
internal static unsafe class EntryPoints
{
    /// <summary>A fault or an interrupt of the program.</summary>
    [RuntimeExport("personality_event")]
    private static void Event(ThreadBlock* block)
    {
        TaskState* task = TaskState.Of(block);
        task->ExitFull = 1;
        if (block->Kind == (uint)EntryKind.Fault)
            Faults.Raise(task, block);
        else
            SignalDelivery.Flag(block);
        SignalDelivery.Run(task);
    }

    /// <summary>A call whose result asks for a restart, or that has saved a signal mask. All others are answered by the stub that called the handler.</summary>
    [RuntimeExport("personality_call_end")]
    private static void EndCall(ThreadBlock* block, long result) => SignalDelivery.FinishCall(TaskState.Of(block), result);

    /// <summary>The exit stub found the pending flag set: the call's result is already in the frame.</summary>
    [RuntimeExport("personality_pending")]
    private static void Pending(ThreadBlock* block) => SignalDelivery.Run(TaskState.Of(block));

    /// <summary>First code of a thread made by clone, or of a process that shares the space.</summary>
    [RuntimeExport("personality_thread")]
    private static void Thread(ThreadBlock* block, ulong argument) => ThreadStart.Begin(TaskState.Of(block), (ThreadStart*)argument, false);

    /// <summary>First code in a forked address space. Nothing of the parent's stack is used: what the child needs is in the argument.</summary>
    [RuntimeExport("personality_forked")]
    private static void Forked(ThreadBlock* block, ulong argument) => ThreadStart.Begin(TaskState.Of(block), (ThreadStart*)argument, true);

    /// <summary>First code in a fresh address space.</summary>
    [RuntimeExport("personality_start")]
    private static void Begin(ThreadBlock* block, ulong argument) => Startup.Run(TaskState.Of(block));
}
