namespace KernelTests;

internal static unsafe class Measurements
{
    public static void Run()
    {
    }
}
