using System.Runtime.InteropServices;

namespace Microkernel.Layout;

/// <summary>What the start-up code of an application CPU reads; the kernel fills it in before each start.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TrampolineData
{
    /// <summary>Physical address of page tables that map low memory one to one; below 4 GiB.</summary>
    public ulong PageTables;
    /// <summary>Stack top.</summary>
    public ulong Stack;
    /// <summary>First argument.</summary>
    public ulong Argument;
    /// <summary>Function entered.</summary>
    public ulong Entry;
    /// <summary>GDT pointer: limit in the low 16 bits, then a 32-bit base.</summary>
    public ulong GdtPointer;

    /// <summary>Physical page of the code: below 1 MiB (a SIPI vector is a page number below 256) and free after the firmware.</summary>
    public const ulong CodeAddress = 0x8000;
    /// <summary>Physical address of this struct, in the same page.</summary>
    public const ulong DataAddress = 0x8f00;
}
