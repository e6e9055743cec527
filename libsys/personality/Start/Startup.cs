using System;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>From a fresh address space to the first instruction of its program (or server).</summary>
internal static unsafe class Startup
{
    // A server sees only itself, so its id can be any; 1 also makes getpid() == 1 code take its quiet paths.
    private const uint ServerProcessId = 1;

    // rflags of a fresh program: interrupts on and the bit that is always set.
    private const ulong InitialFlags = 0x202;

    // What a server's start uses of the heap, about: one call is cheaper than a fault a page. Of a program's the process server sees to it.
    private const ulong FirstHeap = 5 * 4096;

    /// <summary>Loads the program that the start table names and fills the frame. Does not return if that fails.</summary>
    public static void Run(TaskState* task)
    {
        // A program's thread is told who it is, before the first call that uses the message area; a server's is not.
        ulong* words = stackalloc ulong[StartWords.Saved + 1];
        BlockMemory.Move(words, KernelCalls.MessageWords(task), (StartWords.Saved + 1) * sizeof(ulong));
        bool isServer = words[StartWords.Pid] == 0, isCopied = !isServer && words[StartWords.Table] == Window.SmallStartTable;
        System.Runtime.CompilerServices.Unsafe.SkipInit(out StartTableView table);
        long result = isCopied ? StartTableView.Adopt(words[StartWords.TableLength], &table) : 0;
        if (isServer)
            KernelCalls.Populate(Window.Heap, FirstHeap); // what it lacks then is made when it is touched
        CreateState(task);
        ulong mapped = isServer ? StartTableView.MappedLength(task) : words[StartWords.TableLength];
        if (!isCopied && mapped != 0)
            result = StartTableView.Copy((StartTable*)(isServer ? Window.StartTableAddress : words[StartWords.Table]), mapped, &table);
        if (result == 0 && mapped != 0 && isServer != (table.Header->Mode == (uint)StartMode.Server))
            result = -Errno.EINVAL;
        if (result == 0)
            result = isServer ? ServerStart.Run(task, mapped != 0 ? &table : null) : ProgramStart.Run(task, &table, words);
        if (result < 0)
            Fail(task, result, isServer);
    }

    /// <summary>Starts the program at its entry point with all registers zero (System V ABI §3.4.1) and a fresh FPU.</summary>
    public static void SetFrame(TaskState* task, ulong entry, ulong stack)
    {
        RegisterFrame* frame = TaskState.FrameOf(task);
        BlockMemory.Zero(frame, (ulong)sizeof(RegisterFrame));
        frame->Rip = entry;
        frame->Rsp = stack;
        frame->Rflags = InitialFlags;
        frame->Cs = Stubs.ReadCodeSelector();
        frame->Ss = Stubs.ReadStackSelector();
        task->ExitFull = 1;
    }

    /// <summary>Notes where an image lies and where the break starts.</summary>
    public static void NoteImage(SpaceState* space, LoadedImage* image)
    {
        space->CodeStart = image->CodeStart;
        space->CodeEnd = image->CodeEnd;
        space->DataStart = image->DataStart;
        space->DataEnd = image->DataEnd;
        space->BreakStart = (image->End + 4095) & ~4095ul;
        space->Break = space->BreakStart;
    }

    private static void CreateState(TaskState* task)
    {
        ThreadBlock* block = TaskState.BlockOf(task);
        SpaceState* space = (SpaceState*)PersonalityHeap.Allocate((ulong)sizeof(SpaceState));
        ProcessState* process = (ProcessState*)PersonalityHeap.Allocate((ulong)sizeof(ProcessState));
        SignalActions* actions = (SignalActions*)PersonalityHeap.Allocate((ulong)sizeof(SignalActions));
        // The heap of a fresh space is empty: null here means that there is no memory for its first page.
        if (space == null || process == null || actions == null)
            Stubs.Stop();
        space->MapTop = ProgramStack.MapTop;
        space->StackTop = ProgramStack.Top;
        space->Processes = 1;
        actions->References = 1;
        process->Space = space;
        process->Actions = actions;
        process->References = 1;
        process->FileMask = 0x12; // 022, what init starts with
        process->Tasks = task;
        process->TaskCount = 1;
        process->ProcessId = ServerProcessId;
        process->NextThreadId = ServerProcessId + 1;
        task->Process = process;
        task->ThreadId = ServerProcessId;
        task->Slot = block->Slot;
        task->AlternateStackFlags = SignalStack.Disabled;
    }

    private static void Fail(TaskState* task, long result, bool isServer)
    {
        if (!isServer)
            ControlCalls.Call(task, ProcessOperation.ExecFail, (ulong)-result, 0, 0, 0, 0);
        var log = new Log(task);
        log.Text("personality: program not started, errno "u8);
        log.Number((ulong)-result);
        log.End();
        ProcessEnd.EndSpace(task);
    }
}
