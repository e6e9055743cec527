using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PersonalityTests;

/// <summary>All registers but rsp, as the generated code loads and stores them.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RegisterSet
{
    public ulong Rax, Rbx, Rcx, Rdx, Rsi, Rdi, Rbp, R8, R9, R10, R11, R12, R13, R14, R15, Flags;
    public fixed ulong Vectors[64];
}

/// <summary>Raw Linux calls and generated code.</summary>
internal static unsafe class Linux
{
    public const long EFAULT = -14, EINVAL = -22, ENOSYS = -38, EINTR = -4, EAGAIN = -11, ENOMEM = -12, ESRCH = -3, ETIMEDOUT = -110, EEXIST = -17, EPERM = -1;

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "linux_call")]
    public static extern long Call(uint number, ulong a0, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "call_with_registers")]
    public static extern void CallWithRegisters(RegisterSet* set);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "spin_with_registers")]
    public static extern void SpinWithRegisters(RegisterSet* set);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "spin_word_address")]
    public static extern uint* SpinWord();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "clone_thread")]
    public static extern long CloneThread(ulong flags, ulong stack, uint* parentTid, uint* childTid, ulong tls, delegate*<ulong, ulong> function,
        ulong argument);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "touch")]
    public static extern ulong Touch(ulong address);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "store")]
    public static extern ulong Store(ulong address);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "divide")]
    public static extern ulong Divide(ulong divisor);

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "undefined")]
    public static extern ulong Undefined();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "breakpoint")]
    public static extern ulong Breakpoint();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "single_step")]
    public static extern ulong SingleStep();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "fault_resume_address")]
    public static extern ulong FaultResume();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "restorer_address")]
    public static extern ulong Restorer();

    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "spoiling_handler_address")]
    public static extern ulong SpoilingHandler();

    public static long Call(uint number) => Call(number, 0, 0, 0, 0, 0, 0);
    public static long Call(uint number, ulong a0) => Call(number, a0, 0, 0, 0, 0, 0);
    public static long Call(uint number, ulong a0, ulong a1) => Call(number, a0, a1, 0, 0, 0, 0);
    public static long Call(uint number, ulong a0, ulong a1, ulong a2) => Call(number, a0, a1, a2, 0, 0, 0);
    public static long Call(uint number, ulong a0, ulong a1, ulong a2, ulong a3) => Call(number, a0, a1, a2, a3, 0, 0);

    /// <summary>Anonymous private memory, readable and writable.</summary>
    public static ulong Map(ulong length) => (ulong)Call(9, 0, length, 3, 0x22, ulong.MaxValue, 0);

    /// <summary>Installs the handler that spoils all registers. flags: SA_* beyond SA_SIGINFO and SA_RESTORER.</summary>
    public static long Handle(uint signal, ulong flags, ulong mask)
    {
        ulong* action = stackalloc ulong[4];
        action[0] = SpoilingHandler();
        action[1] = flags | 0x04000004;
        action[2] = Restorer();
        action[3] = mask;
        return Call(13, signal, (ulong)action, 0, 8);
    }

    /// <summary>Sets an action that is no address: 0 default, 1 ignore.</summary>
    public static long SetAction(uint signal, ulong handler)
    {
        ulong* action = stackalloc ulong[4];
        action[0] = handler;
        action[1] = action[2] = action[3] = 0;
        return Call(13, signal, (ulong)action, 0, 8);
    }

    public static uint ThreadId => (uint)Call(186);
    public static uint ProcessId => (uint)Call(39);

    /// <summary>tgkill to the calling thread.</summary>
    public static long Raise(uint signal) => Call(234, ProcessId, ThreadId, signal);

    /// <summary>CLOCK_MONOTONIC in nanoseconds.</summary>
    public static ulong Now()
    {
        ulong* time = stackalloc ulong[2];
        Call(228, 1, (ulong)time);
        return time[0] * 1_000_000_000 + time[1];
    }

    public static void Sleep(ulong nanoseconds)
    {
        ulong* time = stackalloc ulong[2];
        time[0] = nanoseconds / 1_000_000_000;
        time[1] = nanoseconds % 1_000_000_000;
        Call(35, (ulong)time, 0);
    }
}
