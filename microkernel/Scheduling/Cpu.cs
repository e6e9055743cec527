using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Abi;
using Microkernel.Layout;

namespace Microkernel;

/// <summary>A processor's own data.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Cpu
{
    /// <summary>What entry code uses.</summary>
    public CpuFields Fields;
    public uint Index, ApicId;
    /// <summary>1 &lt;&lt; Index.</summary>
    public ulong Mask;
    /// <summary>The space whose tables cr3 holds; null: the kernel's own.</summary>
    public AddressSpace* LoadedSpace;
    /// <summary>Whose FPU state the registers hold, if that thread ran here last.</summary>
    public Thread* FpuOwner;
    /// <summary>Halted or about to, without the kernel lock. Written under the lock.</summary>
    public uint Idle;
    /// <summary>Is to look for a ready thread before it halts.</summary>
    public bool MaySpin;
    /// <summary>1: counts in <see cref="KernelPage.Spinning"/>.</summary>
    public uint Spins;
    /// <summary>Must flush before it runs ring 3 again (set while idle).</summary>
    public uint StaleTranslations;
    /// <summary>Another thread may deserve this CPU.</summary>
    public uint Reschedule;
    /// <summary>Set by other CPUs, cleared by this one: flush, load the kernel's tables. See <see cref="Shootdown"/>.</summary>
    public uint FlushRequested, EvictRequested;
    /// <summary>Time stamp up to which the current thread's (or idle) time is accounted.</summary>
    public ulong AccountedTime;
    /// <summary>Time stamp at which the current thread's turn ends, and of the next timer interrupt.</summary>
    public ulong TurnEnd, ArmedTime;
    /// <summary>Time stamp before which no timer interrupt is programmed.</summary>
    public ulong EarliestTick;
    public TaskState* Task;
    /// <summary>Four pages, see <see cref="Descriptors"/>.</summary>
    public void* InterruptStacks;

    /// <summary>CPUs that a mask of 64 bits can name.</summary>
    public const uint Max = 64;

    private static Cpu** all;
    /// <summary>CPUs that run.</summary>
    public static uint Count;

    /// <summary>This CPU.</summary>
    public static Cpu* Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Machine.CurrentCpu();
    }

    /// <summary>A CPU by index.</summary>
    public static Cpu* At(uint index) => all[index];

    /// <summary>The thread that runs here, null when idle.</summary>
    public Thread* Thread => (Thread*)Fields.Current;

    /// <summary>Takes the page that holds the table of CPUs.</summary>
    public static void InitializeTable(void* page) => all = (Cpu**)page;

    /// <summary>Adds a CPU whose data lie in a zeroed page.</summary>
    public static Cpu* Add(void* page, ulong kernelStack, uint apicId)
    {
        Cpu* cpu = (Cpu*)page;
        cpu->Fields.Self = (ulong)cpu;
        cpu->Fields.KernelStack = kernelStack;
        cpu->Fields.GateReturn = Window.GateReturn;
        cpu->Fields.WindowBase = Window.Base;
        cpu->Fields.PersonalityEntry = Personality.Header->Entry;
        cpu->Fields.HasSmap = Features.HasSmap ? 1u : 0;
        cpu->Index = Count;
        cpu->Mask = 1ul << (int)Count;
        cpu->ApicId = apicId;
        cpu->ArmedTime = ulong.MaxValue;
        all[Count++] = cpu;
        return cpu;
    }

    /// <summary>Makes a thread the one that the CPU returns to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetThread(Thread* thread)
    {
        Fields.Current = (ulong)thread;
        if (thread != null)
            Task->Rsp0 = (ulong)thread + ThreadFields.Offset + (ulong)sizeof(RegisterFrame);
    }
}
