namespace KernelTests;

internal static unsafe class StressTests
{
    public static void Run()
    {
    }
}
