namespace KernelTests;

internal static unsafe class Fuzzer
{
    public static void Run()
    {
    }
}
