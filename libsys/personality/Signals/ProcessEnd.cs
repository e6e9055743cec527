using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>The ends of threads, processes and, for servers, of the address space.</summary>
internal static unsafe class ProcessEnd
{
    /// <summary>A fatal signal. Does not return.</summary>
    public static void BySignal(TaskState* task, uint signal, SignalEntry* information, bool core)
    {
        if (!ControlCalls.HasServer(task))
            EndServer(task, signal, information);
        Process(task, signal | (core ? 0x80u : 0));
    }

    /// <summary>Ends the process with a wait status (wait4(2)): all its threads. Does not return.</summary>
    public static void Process(TaskState* task, uint status)
    {
        ProcessState* process = task->Process;
        if (SharedEnd.IsNeeded(task))
            SharedEnd.Run(task, status);
        process->ExitStatus = status;
        process->Exiting = 1;
        if (ControlCalls.HasServer(task))
        {
            ControlCalls.Call(task, ProcessOperation.Exit, status, 0, 0, 0, 0);
        }
        else
        {
            ServerOutput.Flush(task);
            ControlCalls.Report(task, SupervisorOperation.Exited, status, 0, 0, 0, 0, 0);
            EndSpace(task);
        }
        // Only when the process server is gone: nobody is left to report to.
        Stubs.Stop();
    }

    /// <summary>Ends the calling thread because its process ends. Does not return.</summary>
    public static void Thread(TaskState* task)
    {
        if (task->Process->Exiting != 0)
            Process(task, task->Process->ExitStatus);
        ThreadExit.Run(task, 0);
    }

    /// <summary>Ends the own address space. Does not return.</summary>
    public static void EndSpace(TaskState* task)
    {
        KernelCalls.Destroy();
        Stubs.Stop();
    }

    // The supervisor reads registers and stack while this thread waits for an answer that never comes. What has no supervisor above it tells what it knows
    // itself.
    private static void EndServer(TaskState* task, uint signal, SignalEntry* information)
    {
        RegisterFrame* frame = TaskState.FrameOf(task);
        ServerOutput.Flush(task);
        ControlCalls.Report(
            task, SupervisorOperation.Crashed, signal | (ulong)(uint)information->Code << 32, frame->Rip, frame->Rsp, frame->Rbp, information->Value,
            task->ThreadId);
        WriteRegisters(task, signal, information);
        EndSpace(task);
    }

    private static void WriteRegisters(TaskState* task, uint signal, SignalEntry* information)
    {
        RegisterFrame* frame = TaskState.FrameOf(task);
        var log = new Log(task);
        ServerOutput.BeginLine(ref log, task);
        log.Text("ended by signal "u8);
        log.Number(signal);
        log.Text(" code "u8);
        log.Hex((uint)information->Code);
        log.Text(" address "u8);
        log.Hex(information->Value);
        log.Text(" thread "u8);
        log.Number(task->ThreadId);
        log.End();
        log = new Log(task);
        ServerOutput.BeginLine(ref log, task);
        Register(ref log, "rip "u8, frame->Rip);
        Register(ref log, " rsp "u8, frame->Rsp);
        Register(ref log, " rax "u8, frame->Rax);
        Register(ref log, " rbx "u8, frame->Rbx);
        Register(ref log, " rcx "u8, frame->Rcx);
        Register(ref log, " rdx "u8, frame->Rdx);
        Register(ref log, " rsi "u8, frame->Rsi);
        Register(ref log, " rdi "u8, frame->Rdi);
        Register(ref log, " rbp "u8, frame->Rbp);
        Register(ref log, " r8 "u8, frame->R8);
        Register(ref log, " r9 "u8, frame->R9);
        Register(ref log, " r10 "u8, frame->R10);
        Register(ref log, " r11 "u8, frame->R11);
        Register(ref log, " r12 "u8, frame->R12);
        Register(ref log, " r13 "u8, frame->R13);
        Register(ref log, " r14 "u8, frame->R14);
        Register(ref log, " r15 "u8, frame->R15);
        Register(ref log, " rflags "u8, frame->Rflags);
        log.End();
    }

    private static void Register(ref Log log, System.ReadOnlySpan<byte> name, ulong value)
    {
        log.Text(name);
        log.Hex(value);
    }
}
