namespace Microkernel;

/// <summary>What the CPU can do, and switching it on (SDM vol. 2 CPUID; vol. 3 §2.5).</summary>
internal static unsafe class Features
{
    private const ulong Cr0MonitorCoprocessor = 1 << 1, Cr0Emulation = 1 << 2, Cr0NumericError = 1 << 5, Cr0WriteProtect = 1 << 16;
    private const ulong Cr4Umip = 1 << 11, Cr4FsGsBase = 1 << 16, Cr4OsXsave = 1 << 18, Cr4Smep = 1 << 20, Cr4Smap = 1 << 21;
    // x87, SSE, AVX, and the three parts of AVX-512. Other components (protection keys, AMX) are not offered to programs.
    private const ulong XsaveComponents = 0xe7, XsaveAvx512 = 0xe0;

    public static bool HasSmap;
    /// <summary>Components that are saved on a switch.</summary>
    public static ulong XsaveMask;
    public static uint XsaveLength;
    /// <summary>1: QEMU emulates the CPU, and vector registers, which it keeps in memory: a page takes 1.10 µs by ymm, 0.86 by moves of words.</summary>
    public static uint CopiesByWords;
    private static bool hasSmep, hasUmip;

    /// <summary>Finds out; panics where something needed is missing.</summary>
    public static void Detect()
    {
        uint* r = stackalloc uint[4];
        Machine.CpuId(1, 0, r);
        Panic.Assert((r[2] & 1 << 26) != 0, "the CPU lacks XSAVE"u8);
        Machine.CpuId(7, 0, r);
        Panic.Assert((r[1] & 1) != 0, "the CPU lacks FSGSBASE"u8);
        hasSmep = (r[1] & 1 << 7) != 0;
        bool hasSmap = (r[1] & 1 << 20) != 0;
        hasUmip = (r[2] & 1 << 2) != 0;
        Machine.CpuId(0xd, 0, r);
        XsaveMask = r[0] & XsaveComponents;
        if ((XsaveMask & XsaveAvx512) != XsaveAvx512)
            XsaveMask &= ~XsaveAvx512;
        bool isEmulator = IsEmulator();
        HasSmap = hasSmap && !isEmulator;
        CopiesByWords = isEmulator ? 1u : 0;
    }

    // QEMU's emulated CPU, before 9.1, treats the stack that iretq reads in ring 3 as a supervisor access, which SMAP then forbids. The personality's exit
    // stub lives on that instruction; the kernel never touches user memory through user addresses anyway.
    private static bool IsEmulator()
    {
        const uint HypervisorLeaf = 0x4000_0000, FirstLetters = 0x54474354; // "TCGT"
        uint* r = stackalloc uint[4];
        Machine.CpuId(HypervisorLeaf, 0, r);
        return r[1] == FirstLetters;
    }

    /// <summary>Switches the features on, on this CPU.</summary>
    public static void Enable()
    {
        Machine.WriteCr0((Machine.ReadCr0() & ~Cr0Emulation) | Cr0MonitorCoprocessor | Cr0NumericError | Cr0WriteProtect);
        Machine.WriteCr4(Machine.ReadCr4() | Cr4FsGsBase | Cr4OsXsave | (hasSmep ? Cr4Smep : 0) | (HasSmap ? Cr4Smap : 0) | (hasUmip ? Cr4Umip : 0));
        Machine.WriteXcr0(XsaveMask, CopiesByWords);
        uint* r = stackalloc uint[4];
        // ebx: length for the components that are enabled now.
        Machine.CpuId(0xd, 0, r);
        XsaveLength = r[1];
    }

    /// <summary>
    /// Makes a zeroed XSAVE area the initial state: the header's empty component set says so, but MXCSR is loaded whatever it says (SDM vol. 1 §13.8).
    /// </summary>
    public static void InitializeFpu(void* area)
    {
        *(ushort*)area = 0x037f;
        *(uint*)((byte*)area + 24) = 0x1f80;
    }
}
