using System.Runtime.InteropServices;

namespace Microkernel.Layout;

/// <summary>The part of a CPU's own data that generated entry code uses through gs. First field of the kernel's Cpu.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct CpuFields
{
    /// <summary>Address of this struct.</summary>
    public ulong Self;
    /// <summary>Top of the CPU's kernel stack, 16-byte aligned.</summary>
    public ulong KernelStack;
    /// <summary>Scratch: the user's rsp between the first instructions of an entry.</summary>
    public ulong UserStack;
    /// <summary>The thread that runs (its <see cref="ThreadFields"/> are at their offset), 0 when idle.</summary>
    public ulong Current;
    /// <summary>Window.GateReturn: rcx of a kernel call.</summary>
    public ulong GateReturn;
    /// <summary>Window.Base: a syscall from here on that is not the gate's is a fault.</summary>
    public ulong WindowBase;
    /// <summary>PersonalityHeader.Entry.</summary>
    public ulong PersonalityEntry;
    /// <summary>1 where the CPU has SMAP: then entries from interrupts clear the user's AC flag.</summary>
    public ulong HasSmap;
}
