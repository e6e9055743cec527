using System.Runtime.InteropServices;

namespace Libsys.Abi;

/// <summary>
/// A full set of user registers in the order in which entry stubs push them (the last five are what the CPU pushes).
/// Shared by the kernel's thread object and the thread block.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct RegisterFrame
{
#pragma warning disable CS1591 // the registers' own names
    public ulong R15, R14, R13, R12, Rbp, Rbx, R9, R8, R10, Rdx, Rsi, Rdi, Rax, R11, Rcx;
    /// <summary>0 after <c>syscall</c>, otherwise interrupt vector + 1.</summary>
    public ulong Vector;
    /// <summary>The CPU's error code, 0 where it has none.</summary>
    public ulong Error;
    public ulong Rip, Cs, Rflags, Rsp, Ss;
#pragma warning restore CS1591
}

/// <summary>Why the kernel entered the personality.</summary>
public enum EntryKind : uint
{
    /// <summary>A <c>syscall</c> outside the gate. Frame.Rcx = Frame.Rip and Frame.R11 = Frame.Rflags, as the CPU left them.</summary>
    Reflected = 0,

    /// <summary>An exception in program code that the kernel could not resolve (Frame.Vector, Frame.Error, FaultAddress).</summary>
    Fault = 1,

    /// <summary>The thread was interrupted (KernelCall.ThreadInterrupt, SpaceInterrupt) while in program code.</summary>
    Interrupted = 2,
}

/// <summary>
/// One pinned page a thread, at <see cref="Window.ThreadBlockOf"/>. The kernel writes it through its own alias; ring 3 may write all of it,
/// so the kernel trusts none of it. Fork never copies it: the child's thread gets a fresh one.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 4096)]
public struct ThreadBlock
{
    /// <summary>The program's registers while its thread is in the personality.</summary>
    [FieldOffset(0)] public RegisterFrame Frame;

    /// <summary>
    /// Sticky: bit 0 is set by the kernel when the thread is interrupted inside the window (<see cref="PendingForGroup"/> anywhere); cleared by the
    /// personality. While it is not 0 every interruptible wait returns <see cref="KernelStatus.Interrupted"/>, and the exit stub does not leave.
    /// </summary>
    [FieldOffset(0x0B0)] public uint Pending;

    /// <summary>
    /// Bit of <see cref="Pending"/>: the interrupt was one of the whole group (KernelCall.SpaceInterrupt), which servers use; set together with bit 0.
    /// </summary>
    public const uint PendingForGroup = 2;

    /// <summary>An <see cref="EntryKind"/>, set by the kernel on entry.</summary>
    [FieldOffset(0x0B4)] public uint Kind;

    /// <summary>CR2 of a page fault (SDM vol. 3 §4.7).</summary>
    [FieldOffset(0x0B8)] public ulong FaultAddress;

    /// <summary>User address of this block.</summary>
    [FieldOffset(0x0C0)] public ulong Self;

    /// <summary>Personality stack pointer loaded on every entry: <see cref="Window.StackTopOf"/>; the kernel uses its own copy.</summary>
    [FieldOffset(0x0C8)] public ulong StackTop;

    /// <summary>Slot of this thread in its address space.</summary>
    [FieldOffset(0x0D0)] public uint Slot;

    /// <summary>Group that the kernel recorded for the thread: the process id for programs, 0 for servers.</summary>
    [FieldOffset(0x0D4)] public uint Group;

    /// <summary>Argument given to ThreadCreate.</summary>
    [FieldOffset(0x0D8)] public ulong Argument;

    /// <summary>First of the 768 bytes that belong to the personality alone (zero at start).</summary>
    [FieldOffset(PersonalityOffset)] public ulong PersonalityFirst;

    /// <summary>Message area: arguments and results of kernel calls that do not fit registers.</summary>
    [FieldOffset(MessageOffset)] public Message Message;

    /// <summary>Offset of the personality's area.</summary>
    public const int PersonalityOffset = 0x100;

    /// <summary>Length of the personality's area, bytes.</summary>
    public const int PersonalityLength = 0x300;

    /// <summary>Offset of the message area.</summary>
    public const int MessageOffset = 0x400;

    /// <summary>Length of the message area, bytes.</summary>
    public const int MessageLength = 0x800;
}
