using System;
using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Microkernel;

/// <summary>The first C# code of the kernel, entered by the boot stub on the boot CPU.</summary>
internal static unsafe class Boot
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "port_out8")]
    private static extern void PortOut8(ushort port, byte value);

    /// <param name="startInfo">Physical address of the PVH start info.</param>
    [RuntimeExport("kernel_main")]
    private static void Main(ulong startInfo)
    {
        foreach (byte c in "hello from the kernel\n"u8)
            PortOut8(0x3f8, c);
        PortOut8(0xf4, 0);
    }

    [RuntimeExport("kernel_fail_fast")]
    private static void FailFast(int code, ulong address)
    {
        PortOut8(0xf4, 1);
        for (; ; )
        {
        }
    }

    [RuntimeExport("image_allocate")]
    private static void* Allocate(nuint size) => null;
}
