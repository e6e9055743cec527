using System;
using System.Runtime;
using Libsys.Abi;

namespace KernelTests;

/// <summary>The first thread of the test image.</summary>
internal static unsafe class Program
{
    [RuntimeExport("test_main")]
    private static void Main(ThreadBlock* block, ulong argument)
    {
        Report.Line("kernel tests"u8);
        Kernel.Call(KernelCall.Halt, WellKnownHandle.BootMachine);
    }

    [RuntimeExport("test_thread")]
    private static void Thread(ThreadBlock* block, ulong argument)
    {
    }

    [RuntimeExport("test_upcall")]
    private static void Upcall(ThreadBlock* block)
    {
    }

    [RuntimeExport("test_pending")]
    private static void Pending(ThreadBlock* block) => block->Pending = 0;

    [RuntimeExport("test_fail_fast")]
    private static void FailFast(int code, ulong address)
    {
        Report.Line("FAIL failed check"u8);
        Kernel.Call(KernelCall.Halt, WellKnownHandle.BootMachine);
    }

    [RuntimeExport("image_allocate")]
    private static void* Allocate(nuint size) => null;
}
