using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Where a forked child's thread goes on: inside <see cref="Stubs.ContextSave"/>, which returns a second time, with 1, on the child's copy of the
/// personality's stack. The block's address is the same (same slot), but its content is fresh; <see cref="ForkState.Restore"/> brings it back.
/// The first eight words belong to the generated code.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ForkContext
{
    /// <summary>Registers a C# function must keep, and where to go on. Offsets are known to the generator.</summary>
    public ulong Rbx, Rbp, R12, R13, R14, R15, Rsp, Rip;

    /// <summary>Segment bases of the program.</summary>
    public ulong FsBase, GsBase;

    /// <summary>Copy of the thread block's first part: registers and <see cref="TaskState"/>, 0x400 bytes, in the heap.</summary>
    public byte* BlockCopy;

    /// <summary>XSAVE area in the heap, 64-byte aligned.</summary>
    public ulong FpuArea;
}
