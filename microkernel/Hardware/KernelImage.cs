using System.Runtime.InteropServices;
using System.Runtime.CompilerServices;

namespace Microkernel;

/// <summary>Addresses that the linker knows, as a table of data: the difference of two symbols must not be formed in C# (ilc folds it wrongly).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelImage
{
    /// <summary>The kernel's virtual address minus its physical one: -2 GiB.</summary>
    public const ulong Base = 0xffff_ffff_8000_0000;

    public ulong TextStart, TextEnd, RodataEnd, DataEnd, End;
    /// <summary>The personality's flat image.</summary>
    public ulong PersonalityStart, PersonalityEnd;
    /// <summary>Physical page tables that booting uses; they map low memory one to one.</summary>
    public ulong BootTables;
    /// <summary>Start-up code of application CPUs.</summary>
    public ulong TrampolineStart, TrampolineEnd;
    /// <summary>Table of 256 addresses of interrupt entries.</summary>
    public ulong InterruptEntries;
    /// <summary>Top of the stack that booting uses; the boot CPU's kernel stack from then on.</summary>
    public ulong BootStackTop;
    /// <summary>Bytes of the log, behind all other data: those are used all the time.</summary>
    public ulong LogRing;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe KernelImage* Find() => (KernelImage*)(delegate*<void>)&Machine.KernelImageTable;

    /// <summary>The table.</summary>
    public static unsafe KernelImage* Table => Find();
}
