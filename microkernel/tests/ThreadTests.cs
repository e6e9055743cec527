namespace KernelTests;

internal static unsafe class ThreadTests
{
    public static void Run()
    {
    }
}
