using System;
using Libsys.Abi;

namespace KernelTests;

/// <summary>Lines on the kernel's log.</summary>
internal static unsafe class Report
{
    /// <summary>Writes one line as one piece.</summary>
    public static void Line(ReadOnlySpan<byte> text)
    {
        byte* area = (byte*)&Kernel.Block->Message;
        int length = 0;
        for (; length < text.Length; length++)
            area[length] = text[length];
        area[length++] = (byte)'\n';
        Kernel.Call(KernelCall.LogWrite, WellKnownHandle.BootMachine, (ulong)length);
    }
}
