using System.Runtime;
using Libsys.Abi;

namespace KernelTests;

/// <summary>The first thread of the test image: all tests, then the measurements, then the end.</summary>
internal static unsafe class Program
{
    [RuntimeExport("test_main")]
    private static void Main(ThreadBlock* block, ulong argument)
    {
        HandleTests.Run();
        AccountTests.Run();
        MemoryTests.Run();
        WordTests.Run();
        NotificationTests.Run();
        EndpointTests.Run();
        SpaceTests.Run();
        SharingTests.Run();
        ForkTests.Run();
        LimitTests.Run();
        RightsTests.Run();
        SpaceModelTests.Run();
        MoveTests.Run();
        ProgramTests.Run();
        ThreadTests.Run();
        DeviceTests.Run();
        DmaTests.Run();
        StressTests.Run();
        Measurements.Run();
        Fuzzer.Run();
        Report.Close();
        Kernel.Call(KernelCall.Halt, WellKnownHandle.BootMachine);
    }

    [RuntimeExport("test_fail_fast")]
    private static void FailFast(int code, ulong address)
    {
        Report.Expect(code, 0, (int)address);
        Report.Close();
        Kernel.Call(KernelCall.Halt, WellKnownHandle.BootMachine);
    }

    [RuntimeExport("image_allocate")]
    private static void* Allocate(nuint size) => null;
}
