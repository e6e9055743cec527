using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Microkernel.Layout;

/// <summary>
/// The part of a thread that generated entry code uses, at <see cref="Offset"/> of the kernel's Thread. The CPU pushes interrupt frames to the
/// end of <see cref="Frame"/> (TSS.rsp0), which is therefore a multiple of 16 bytes from the thread's start.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct ThreadFields
{
    /// <summary>Where this struct lies in a thread: after the header that all kernel objects begin with.</summary>
    public const int Offset = 16;

    /// <summary>The registers of ring 3.</summary>
    public RegisterFrame Frame;
    /// <summary>The kernel's alias of the thread block.</summary>
    public ulong BlockAlias;
    /// <summary>The user address of the thread block.</summary>
    public ulong BlockAddress;
    /// <summary>The personality stack's top, as loaded on every entry.</summary>
    public ulong StackTop;
    /// <summary>Segment bases of ring 3 while the thread does not run.</summary>
    public ulong FsBase, GsBase;

    /// <summary>Where the FPU state lies in a thread (XSAVE area: 64-byte aligned, SDM vol. 1 §13.4).</summary>
    public const int FpuOffset = 1024;
}
