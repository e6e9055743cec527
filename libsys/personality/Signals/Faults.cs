using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>Exceptions of the program's own instructions as signals (SDM vol. 3 §6.15; sigaction(2) for the codes).</summary>
internal static unsafe class Faults
{
    private const uint DivideError = 0, Debug = 1, Breakpoint = 3, Overflow = 4, Bounds = 5, InvalidOpcode = 6, SegmentNotPresent = 11, StackFault = 12,
        GeneralProtection = 13, PageFault = 14, FloatingPoint = 16, AlignmentCheck = 17, SimdFloatingPoint = 19;

    private const int FPE_INTDIV = 1, FPE_FLTDIV = 3, FPE_FLTOVF = 4, FPE_FLTUND = 5, FPE_FLTRES = 6, FPE_FLTINV = 7, ILL_ILLOPN = 2, TRAP_TRACE = 2,
        SEGV_MAPERR = 1, SEGV_ACCERR = 2, BUS_ADRALN = 1, BUS_ADRERR = 2;

    /// <summary>Raises the signal for the exception in the frame.</summary>
    public static void Raise(TaskState* task, ThreadBlock* block)
    {
        ulong rip = block->Frame.Rip;
        switch ((uint)block->Frame.Vector - 1)
        {
            case DivideError:
                Force(task, Signals.SIGFPE, FPE_INTDIV, rip, false);
                break;
            case Debug:
                Force(task, Signals.SIGTRAP, TRAP_TRACE, rip, false);
                break;
            case Breakpoint:
                Force(task, Signals.SIGTRAP, Signals.SI_KERNEL, 0, false);
                break;
            case InvalidOpcode:
                Force(task, Signals.SIGILL, ILL_ILLOPN, rip, false);
                break;
            case SegmentNotPresent:
            case StackFault:
                Force(task, Signals.SIGBUS, Signals.SI_KERNEL, 0, false);
                break;
            case PageFault:
                RaisePageFault(task, block);
                break;
            case FloatingPoint:
                Force(task, Signals.SIGFPE, FloatingPointCode(Stubs.ReadX87Words(), 0), rip, false);
                break;
            case SimdFloatingPoint:
                uint mxcsr = Stubs.ReadMxcsr();
                // Mask bits lie 7 above the flags here, 16 above in the x87 pair.
                Force(task, Signals.SIGFPE, FloatingPointCode((mxcsr & 0x3F) | (mxcsr >> 7 & 0x3F) << 16, 0), rip, false);
                break;
            case AlignmentCheck:
                Force(task, Signals.SIGBUS, BUS_ADRALN, 0, false);
                break;
            default:
                // #GP, #OF, #BR and what is left: Linux gives no address.
                Force(task, Signals.SIGSEGV, Signals.SI_KERNEL, 0, false);
                break;
        }
    }

    /// <summary>
    /// A signal that cannot wait: if it is blocked or ignored it kills (signal(7)); <paramref name="kill"/>: in any case.
    /// </summary>
    public static void Force(TaskState* task, uint signal, int code, ulong address, bool kill)
    {
        SignalEntry entry;
        SignalQueue.Describe(&entry, signal, code, 0, 0, address);
        SignalActions* actions = task->Process->Actions;
        SignalAction* action = SignalActions.Get(actions, signal);
        ulong set = Signals.Of(signal);
        PersonalityLock.Enter(&actions->Lock);
        if (kill || (task->SignalMask & set) != 0 || action->Handler == SignalHandler.Ignore)
            action->Handler = SignalHandler.Default;
        PersonalityLock.Exit(&actions->Lock);
        task->SignalMask &= ~set;
        SignalQueue.Send(task, task->Process, task, &entry);
    }

    private static void RaisePageFault(TaskState* task, ThreadBlock* block)
    {
        const ulong Write = 2, Fetch = 16;
        ulong address = block->FaultAddress;
        ulong error = block->Frame.Error;
        long start = address < Window.Base ? KernelCalls.Query(address) : -1;
        if (start < 0 || (ulong)start > address)
        {
            Force(task, Signals.SIGSEGV, SEGV_MAPERR, address, false);
            return;
        }
        MapFlags flags = (MapFlags)KernelCalls.MessageWords(task)[2];
        MapFlags needed = (error & Fetch) != 0 ? MapFlags.Execute : (error & Write) != 0 ? MapFlags.Write : MapFlags.Read;
        // The access is allowed and still failed: there is no page, because the file ends before it or its pager failed.
        if ((flags & needed) != 0)
            Force(task, Signals.SIGBUS, BUS_ADRERR, address, false);
        else
            Force(task, Signals.SIGSEGV, SEGV_ACCERR, address, false);
    }

    // Flags in bits 0 to 5, masks in bits 16 to 21: invalid, denormal, divide, overflow, underflow, precision (SDM vol. 1 §8.1.3, §10.2.3).
    private static int FloatingPointCode(uint words, int otherwise)
    {
        uint raised = words & ~(words >> 16) & 0x3F;
        if ((raised & 1) != 0)
            return FPE_FLTINV;
        if ((raised & 4) != 0)
            return FPE_FLTDIV;
        if ((raised & 8) != 0)
            return FPE_FLTOVF;
        if ((raised & (16 | 2)) != 0)
            return FPE_FLTUND;
        return (raised & 32) != 0 ? FPE_FLTRES : otherwise;
    }
}
