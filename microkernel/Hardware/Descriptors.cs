using System.Runtime.InteropServices;
using Microkernel.Layout;

namespace Microkernel;

/// <summary>Task state segment: only stacks matter in 64-bit mode (SDM vol. 3 §7.7).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct TaskState
{
    public uint Reserved0;
    /// <summary>Stack for interrupts from ring 3: the end of the current thread's frame.</summary>
    public ulong Rsp0, Rsp1, Rsp2, Reserved1;
    public ulong Ist1, Ist2, Ist3, Ist4, Ist5, Ist6, Ist7, Reserved2;
    public ushort Reserved3, IoMap;
}

[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal struct DescriptorPointer
{
    public ushort Limit;
    public ulong Address;
}

/// <summary>Segments, interrupt gates and the registers that <c>syscall</c> uses (SDM vol. 3 §3.4.5, §6.14, §5.8.8).</summary>
internal static unsafe class Descriptors
{
    private const uint MsrStar = 0xC000_0081, MsrLstar = 0xC000_0082, MsrFmask = 0xC000_0084, MsrGsBase = 0xC000_0101, MsrKernelGsBase = 0xC000_0102;
    // Cleared on syscall: TF, IF, DF, NT, AC.
    private const ulong SyscallMask = 0x100 | 0x200 | 0x400 | 0x4000 | 0x4_0000;
    private const int Entries = 256;
    private const ulong StackLength = PhysicalMap.PageSize;

    private static ulong* gates;

    /// <summary>Fills the interrupt table shared by all CPUs.</summary>
    public static void BuildGates(void* page)
    {
        gates = (ulong*)page;
        ulong* entries = (ulong*)KernelImage.Table->InterruptEntries;
        for (int vector = 0; vector < Entries; vector++)
        {
            ulong address = entries[vector];
            // int3 and into may be executed in ring 3.
            ulong privilege = vector is 3 or 4 ? 3ul : 0;
            // Each of these can strike where the stack cannot be trusted, and in another's handler: debug 1, NMI 2, double fault 8, machine check 18.
            ulong stack = vector switch { 1 => 1, 2 => 2, 8 => 3, 18 => 4, _ => 0 };
            gates[2 * vector] = (address & 0xffff) | (ulong)Selectors.KernelCode << 16 | stack << 32 | (0x8e00 | privilege << 13) << 32
                | ((address >> 16) & 0xffff) << 48;
            gates[2 * vector + 1] = address >> 32;
        }
    }

    /// <summary>
    /// Loads everything on this CPU; <paramref name="page"/> (zeroed) takes task state and segments, <paramref name="stacks"/> four pages of stacks.
    /// </summary>
    public static void Load(Cpu* cpu, byte* page, byte* stacks)
    {
        TaskState* task = (TaskState*)page;
        ulong* segments = (ulong*)(page + 256);
        cpu->Task = task;
        task->IoMap = (ushort)sizeof(TaskState);
        task->Ist1 = (ulong)stacks + StackLength;
        task->Ist2 = task->Ist1 + StackLength;
        task->Ist3 = task->Ist2 + StackLength;
        task->Ist4 = task->Ist3 + StackLength;
        segments[Selectors.KernelCode / 8] = 0x00af_9b00_0000_ffff;
        segments[Selectors.KernelData / 8] = 0x00cf_9300_0000_ffff;
        segments[Selectors.UserData / 8] = 0x00cf_f300_0000_ffff;
        segments[Selectors.UserCode / 8] = 0x00af_fb00_0000_ffff;
        ulong at = (ulong)task;
        segments[Selectors.TaskState / 8] = ((ulong)sizeof(TaskState) - 1) | (at & 0xff_ffff) << 16 | 0x89ul << 40 | ((at >> 24) & 0xff) << 56;
        segments[Selectors.TaskState / 8 + 1] = at >> 32;

        DescriptorPointer pointer;
        pointer.Limit = Selectors.Count * 8 - 1;
        pointer.Address = (ulong)segments;
        Machine.LoadGdt(&pointer);
        pointer.Limit = Entries * 16 - 1;
        pointer.Address = (ulong)gates;
        Machine.LoadIdt(&pointer);
        Machine.LoadTask(Selectors.TaskState);
        Machine.WriteMsr(MsrGsBase, (ulong)cpu);
        Machine.WriteMsr(MsrKernelGsBase, 0);
        Machine.WriteMsr(MsrStar, (ulong)Selectors.KernelCode << 32 | (ulong)Selectors.SysretBase << 48);
        Machine.WriteMsr(MsrLstar, (ulong)(delegate*<void>)&Machine.SyscallEntry);
        Machine.WriteMsr(MsrFmask, SyscallMask);
    }
}
