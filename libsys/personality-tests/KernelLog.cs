using System.Runtime;
using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace PersonalityTests;

/// <summary>The microkernel's log, for a test program that runs as the first server.</summary>
internal static unsafe class KernelLog
{
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "gate_call")]
    private static extern long Gate(ulong number, ulong a0, ulong a1);

    /// <summary>Writes bytes as one piece.</summary>
    public static void Write(byte* text, int length)
    {
        byte* block = (byte*)Gate((ulong)KernelCall.ThreadSelf, 0, 0);
        for (int i = 0; i < length; i++)
            block[ThreadBlock.MessageOffset + i] = text[i];
        Gate((ulong)KernelCall.LogWrite, WellKnownHandle.BootMachine, (ulong)length);
    }
}
