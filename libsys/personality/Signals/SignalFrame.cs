using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// The frame of a handler on the program's stack, as programs know it from Linux on x86-64 (struct rt_sigframe: return address, ucontext, siginfo; signal(7),
/// getcontext(3), the kernel's &lt;asm/sigcontext.h&gt; and &lt;asm/ucontext.h&gt; user headers), and the way back, which takes whatever the program left
/// there.
/// </summary>
internal static unsafe class SignalFrame
{
    /// <summary>siginfo_t: 128 bytes.</summary>
    public const int InformationWords = 16;

    // In 8-byte words from the start of the frame.
    private const int ReturnAddress = 0, ContextFlags = 1, ContextLink = 2, StackBase = 3, StackFlags = 4, StackLength = 5, Registers = 6,
        Selectors = Registers + 18, ErrorCode = Registers + 19, TrapNumber = Registers + 20, OldMask = Registers + 21, FaultAddress = Registers + 22,
        FloatingPoint = Registers + 23, Mask = Registers + 32, Information = Mask + 1, Words = Information + InformationWords;

    // uc_flags: extended FPU state is present; ss is saved; ss is restored as it is.
    private const ulong ContextFlagsValue = 1 | 2 | 4;

    // Flags that sigreturn takes from the frame: AC, OF, DF, TF, SF, ZF, AF, PF, CF, RF.
    private const ulong RestoredFlags = 0x5_0DD5;

    // Trap, direction and resume flags are clear in a handler.
    private const ulong HandlerClears = 0x100 | 0x400 | 0x1_0000;

    // Bytes below the stack pointer that belong to the interrupted function (System V ABI §3.2.2).
    private const ulong RedZone = 128;

    // In the reserved end of the legacy FPU area: struct _fpx_sw_bytes, and its counterpart behind the area.
    private const ulong SoftwareOffset = 464, HeaderOffset = 512;
    private const uint Magic1 = 0x46505853, Magic2 = 0x46505845;

    // x87 and SSE are always in the frame, whatever the CPU's bookkeeping says.
    private const ulong LegacyComponents = 3;

    /// <summary>AT_MINSIGSTKSZ: the frame, the FPU area with its tail and alignment, the red zone.</summary>
    public static ulong SmallestStack => Words * 8 + Clock.Page->XsaveLength + 4 + 64 + 16 + RedZone;

    /// <summary>Builds the frame and points the registers at the handler. False: the stack cannot be written, or there is no restorer.</summary>
    public static bool Build(TaskState* task, SignalEntry* information, SignalAction* action)
    {
        RegisterFrame* registers = TaskState.FrameOf(task);
        // There is no other way back on x86-64: the stack is not executable.
        if ((action->Flags & SignalHandler.SA_RESTORER) == 0)
            return false;

        ulong stack = registers->Rsp - RedZone;
        bool alternate = (action->Flags & SignalHandler.SA_ONSTACK) != 0
            && SignalStack.FlagsFor(task, registers->Rsp) is not (SignalStack.Disabled or SignalStack.OnStack);
        if (alternate)
            stack = task->AlternateStack + task->AlternateStackLength;
        uint length = Clock.Page->XsaveLength;
        ulong area = (stack - length - sizeof(uint)) & ~63ul;
        ulong frame = ((area - Words * 8) & ~15ul) - 8;
        if (SignalStack.IsOn(task, registers->Rsp) && !SignalStack.IsOn(task, frame + 8))
            return false;
        if (alternate && frame < task->AlternateStack)
            return false;
        if (!UserMemory.IsUser(frame, stack - frame) || !SaveVectors(area, length))
            return false;

        ulong* words = stackalloc ulong[Words];
        FillContext(task, words, area);
        words[ReturnAddress] = action->Restorer;
        FillInformation(words + Information, information);
        if (Stubs.UserCopy(frame, (ulong)words, Words * 8) != 0)
            return false;

        if ((task->AlternateStackFlags & SignalStack.AutoDisarm) != 0)
        {
            task->AlternateStack = 0;
            task->AlternateStackLength = 0;
            task->AlternateStackFlags = SignalStack.Disabled;
        }
        registers->Rdi = information->Signal;
        registers->Rsi = frame + Information * 8;
        registers->Rdx = frame + ContextFlags * 8;
        registers->Rax = 0;
        registers->Rip = action->Handler;
        registers->Rsp = frame;
        registers->Rflags &= ~HandlerClears;
        // A handler at an impossible address faults in the program, not in the exit stub.
        return action->Handler < Window.Base;
    }

    /// <summary>rt_sigreturn(): the frame is 8 bytes below the stack pointer, whose return address the handler's ret took.</summary>
    public static long Return(TaskState* task, RegisterFrame* registers)
    {
        ulong address = registers->Rsp - 8;
        ulong* words = stackalloc ulong[Words];
        if (!UserMemory.CopyIn(words, address, Information * 8) || !RestoreVectors(words[FloatingPoint]))
        {
            Faults.Force(task, Signals.SIGSEGV, Signals.SI_KERNEL, 0, false);
            SignalDelivery.Run(task);
            return (long)registers->Rax;
        }

        ulong* values = words + Registers;
        registers->R8 = values[0];
        registers->R9 = values[1];
        registers->R10 = values[2];
        registers->R11 = values[3];
        registers->R12 = values[4];
        registers->R13 = values[5];
        registers->R14 = values[6];
        registers->R15 = values[7];
        registers->Rdi = values[8];
        registers->Rsi = values[9];
        registers->Rbp = values[10];
        registers->Rbx = values[11];
        registers->Rdx = values[12];
        registers->Rax = values[13];
        registers->Rcx = values[14];
        registers->Rsp = values[15];
        registers->Rip = values[16];
        registers->Rflags = (registers->Rflags & ~RestoredFlags) | (values[17] & RestoredFlags);
        task->ExitFull = 1;
        SignalStack.Set(task, registers->Rsp, words[StackBase], (uint)words[StackFlags], words[StackLength]);
        SignalMaskCalls.Set(task, words[Mask]);
        // An address that no program can have would fault in the exit stub.
        if (registers->Rip >= Window.Base)
        {
            Faults.Force(task, Signals.SIGSEGV, Signals.SI_KERNEL, 0, false);
            SignalDelivery.Run(task);
        }
        return (long)registers->Rax;
    }

    /// <summary>siginfo_t of a signal (sigaction(2)): which union member is filled depends on the code and the signal.</summary>
    public static void FillInformation(ulong* words, SignalEntry* entry)
    {
        BlockMemory.Zero(words, InformationWords * 8);
        words[0] = entry->Signal | (ulong)(uint)entry->Error << 32;
        words[1] = (uint)entry->Code;
        if (entry->Code > 0 && (Signals.Synchronous & Signals.Of(entry->Signal)) != 0)
        {
            words[2] = entry->Value; // si_addr
            return;
        }
        words[2] = entry->Pid | (ulong)entry->Uid << 32;
        if (entry->Code > 0 && entry->Signal == Signals.SIGCHLD)
        {
            words[3] = (uint)entry->Status;
            words[4] = entry->UserTime;
            words[5] = entry->SystemTime;
        }
        else if (entry->Code < 0)
        {
            words[3] = entry->Value;
        }
    }

    private static void FillContext(TaskState* task, ulong* words, ulong area)
    {
        ThreadBlock* block = TaskState.BlockOf(task);
        RegisterFrame* registers = &block->Frame;
        words[ContextFlags] = ContextFlagsValue;
        words[ContextLink] = 0;
        words[StackBase] = task->AlternateStack;
        words[StackFlags] = SignalStack.FlagsFor(task, registers->Rsp);
        words[StackLength] = task->AlternateStackLength;
        ulong* values = words + Registers;
        values[0] = registers->R8;
        values[1] = registers->R9;
        values[2] = registers->R10;
        values[3] = registers->R11;
        values[4] = registers->R12;
        values[5] = registers->R13;
        values[6] = registers->R14;
        values[7] = registers->R15;
        values[8] = registers->Rdi;
        values[9] = registers->Rsi;
        values[10] = registers->Rbp;
        values[11] = registers->Rbx;
        values[12] = registers->Rdx;
        values[13] = registers->Rax;
        values[14] = registers->Rcx;
        values[15] = registers->Rsp;
        values[16] = registers->Rip;
        values[17] = registers->Rflags;
        words[Selectors] = (ushort)registers->Cs | registers->Ss << 48;
        words[ErrorCode] = registers->Error;
        words[TrapNumber] = registers->Vector == 0 ? 0 : registers->Vector - 1;
        words[OldMask] = task->HasSavedMask != 0 ? task->SavedMask : task->SignalMask;
        words[FaultAddress] = block->FaultAddress;
        words[FloatingPoint] = area;
        for (int i = FloatingPoint + 1; i < Mask; i++)
            words[i] = 0;
        words[Mask] = words[OldMask];
    }

    private static bool SaveVectors(ulong area, uint length)
    {
        ulong components = Clock.Page->XsaveMask;
        // xsave leaves the reserved part of its header alone; xrstor wants zeros there.
        if (Stubs.UserZero(area + HeaderOffset, 64) != 0 || Stubs.FpuSave(area, components) == 0)
            return false;
        ulong* software = stackalloc ulong[6];
        software[0] = Magic1 | (ulong)(length + sizeof(uint)) << 32;
        software[1] = components;
        software[2] = length;
        software[3] = software[4] = software[5] = 0;
        return Stubs.UserCopy(area + SoftwareOffset, (ulong)software, 48) == 0 &&
            UserMemory.ReadU64(area + HeaderOffset, out ulong present) &&
            UserMemory.WriteU64(area + HeaderOffset, present | LegacyComponents) && UserMemory.WriteU32(area + length, Magic2);
    }

    private static bool RestoreVectors(ulong area)
    {
        ulong components = Clock.Page->XsaveMask;
        if (area == 0)
        {
            Stubs.FpuReset(components);
            return true;
        }
        uint length = Clock.Page->XsaveLength;
        if (!UserMemory.IsUser(area, length + 4ul) || !UserMemory.ReadU64(area + SoftwareOffset, out ulong software) ||
            !UserMemory.ReadU64(area + SoftwareOffset + 8, out ulong wanted) || !UserMemory.ReadU32(area + SoftwareOffset + 16, out uint stated))
            return false;
        bool extended = (uint)software == Magic1 && stated >= HeaderOffset + 64 && stated <= length && stated <= software >> 32;
        if (extended && (!UserMemory.ReadU32(area + stated, out uint tail) || tail != Magic2))
            extended = false;
        // Without the extended part the components beyond x87 and SSE are in their initial state.
        if (!extended)
        {
            Stubs.FpuReset(components);
            return Stubs.FpuRestoreLegacy(area) != 0;
        }
        Stubs.FpuReset(components & ~wanted);
        return Stubs.FpuRestore(area, components & wanted) != 0;
    }
}
