using System.Runtime.InteropServices;
using Libsys.Abi;

namespace Libsys.Hosting;

/// <summary>The raw kernel call and the message area. Everything else in this library is built on these two.</summary>
internal static unsafe class Kernel
{
    /// <summary>
    /// Address of the calling thread's block. A block belongs to one thread, so no lock is needed around the message area: it is filled, the call made
    /// and the result copied out without anything between that could make another kernel call on this thread (no allocation, no handler).
    /// </summary>
    [ThreadStatic]
    private static ThreadBlock* block;

    /// <summary>Makes a kernel call. The transition to native code lets a garbage collection run meanwhile, so the call may block.</summary>
    public static long Call(KernelCall call, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0) =>
        NativeCall((ulong)call, a0, a1, a2, a3, a4, a5);

    /// <summary>As <see cref="Call"/>, for calls whose positive results are of no interest.</summary>
    public static KernelStatus Status(KernelCall call, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0)
    {
        long result = NativeCall((ulong)call, a0, a1, a2, a3, a4, a5);
        return result < 0 ? (KernelStatus)result : KernelStatus.Ok;
    }

    /// <summary>As <see cref="Call"/>, for calls that return a new handle.</summary>
    public static KernelStatus Handle(out uint handle, KernelCall call, ulong a0 = 0, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0, ulong a4 = 0, ulong a5 = 0)
    {
        long result = NativeCall((ulong)call, a0, a1, a2, a3, a4, a5);
        handle = result < 0 ? 0 : (uint)result;
        return result < 0 ? (KernelStatus)result : KernelStatus.Ok;
    }

    /// <summary>The calling thread's message area.</summary>
    public static Message* MessageArea
    {
        get
        {
            if (block == null)
                block = (ThreadBlock*)NativeCall((ulong)KernelCall.ThreadSelf, 0, 0, 0, 0, 0, 0);
            return &block->Message;
        }
    }

    /// <summary>The message area as bytes.</summary>
    public static Span<byte> MessageBytes => new(MessageArea, ThreadBlock.MessageLength);

    /// <summary>
    /// After a wait was interrupted. The pending flag stays set until the personality takes the signal, which it does on its way out of a Linux call; a
    /// server's kernel calls do not pass there, so one Linux call is made for that.
    /// </summary>
    public static void TakePendingSignal() => Thread.Yield();

    /// <summary>The time stamp counter (SDM vol. 2 RDTSC).</summary>
    [DllImport("kernel", EntryPoint = "time_stamp")]
    [SuppressGCTransition]
    public static extern ulong TimeStamp();

    /// <summary>
    /// Replaces 16 bytes, at a multiple of that, if they are what is expected, with a full fence; what was found is there afterwards (SDM vol. 2 CMPXCHG16B).
    /// </summary>
    [DllImport("kernel", EntryPoint = "compare_exchange128")]
    [SuppressGCTransition]
    internal static extern void CompareExchange128(ulong* address, ulong* expected, ulong first, ulong second);

    [DllImport("kernel", EntryPoint = "kernel_call")]
    private static extern long NativeCall(ulong call, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5);
}
