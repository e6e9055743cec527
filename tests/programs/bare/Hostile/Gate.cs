using System.Runtime;
using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace Hostile;

/// <summary>What a program can do beside its personality: kernel calls by the gate, and any byte of its own window.</summary>
internal static class Gate
{
    // Where the fields of a Message lie (libsys/abi).
    private const ulong Message = ThreadBlock.MessageOffset, HandleCount = 64, Handles = 72, Rights = 88;

    private static ulong block;

    /// <summary>A kernel call.</summary>
    public static long Call(KernelCall call, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0) =>
        KernelCallStub((ulong)call, a0, a1, a2, a3, a4, 0);

    /// <summary>Eight bytes of the own memory.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "memory_at")]
    public static extern ref ulong Word(ulong address);

    /// <summary>Four bytes of the own memory.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "memory_at")]
    public static extern ref uint Half(ulong address);

    /// <summary>Word of the message that the next call sends.</summary>
    public static ref ulong MessageWord(uint index) => ref Word(Area + index * sizeof(ulong));

    /// <summary>Number of handles that the next call sends.</summary>
    public static void SetHandleCount(uint count) => Half(Area + HandleCount) = count;

    /// <summary>A handle that the next call sends.</summary>
    public static void SetHandle(uint index, uint handle)
    {
        Half(Area + Handles + index * sizeof(uint)) = handle;
        Half(Area + Rights + index * sizeof(uint)) = (uint)Libsys.Abi.Rights.All;
    }

    private static ulong Area
    {
        get
        {
            if (block == 0)
                block = (ulong)Call(KernelCall.ThreadSelf);
            return block + Message;
        }
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "kernel_call")]
    private static extern long KernelCallStub(ulong call, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5);
}
