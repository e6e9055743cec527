using System.Runtime;
using System.Runtime.CompilerServices;
using Libsys.Abi;

namespace KernelTests;

/// <summary>Kernel calls and the other generated code.</summary>
internal static unsafe class Kernel
{
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "kernel_call")]
    public static extern long Call(KernelCall number, ulong a = 0, ulong b = 0, ulong c = 0, ulong d = 0, ulong e = 0, ulong f = 0);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "time_stamp")] public static extern ulong TimeStamp();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "copy_word")] public static extern long CopyWord(ulong address);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "store_word")] public static extern long StoreWord(ulong address, uint value);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "vector_check")] public static extern long VectorCheck(ulong pattern, KernelCall number,
        ulong a0);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "vector_turn")] public static extern long VectorTurn(ulong pattern, ulong signal,
        ulong wait, WaitFlags flags);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "vector_fault_check")] public static extern long VectorFaultCheck(ulong pattern, ulong at);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "fs_write")] public static extern void WriteFs(ulong value);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "fs_read")] public static extern ulong ReadFs();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "stray_syscall")] public static extern void StraySyscall();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "spin_until")] public static extern void SpinUntil(uint* word);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "enter_program")] public static extern void EnterProgram(ThreadBlock* block);
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "program_table")] private static extern void ProgramTable();
    [MethodImpl(MethodImplOptions.InternalCall), RuntimeImport("*", "thread_entry")] private static extern void ThreadEntry();

    /// <summary>Start and end of each program, in the generator's order.</summary>
    public static ulong* Programs => (ulong*)(delegate*<void>)&ProgramTable;

    /// <summary>Where threads of the tests start.</summary>
    public static ulong EntryOfThreads => (ulong)(delegate*<void>)&ThreadEntry;

    /// <summary>The calling thread's block.</summary>
    public static ThreadBlock* Block => (ThreadBlock*)Call(KernelCall.ThreadSelf);

    /// <summary>The page that the kernel publishes.</summary>
    public static KernelPage* Page => (KernelPage*)Window.KernelPageAddress;
}
