using System.Runtime;
using Libsys.Abi;

namespace KernelTests;

internal static unsafe class ProgramTests
{
    public static void Run()
    {
    }

    [RuntimeExport("test_upcall")]
    private static void Upcall(ThreadBlock* block)
    {
    }

    [RuntimeExport("test_pending")]
    private static void Pending(ThreadBlock* block) => block->Pending = 0;
}
