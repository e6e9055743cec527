namespace System;

/// <summary>Integer arithmetic.</summary>
public static class Math
{
    public static int Min(int a, int b) => a < b ? a : b;
    public static int Max(int a, int b) => a > b ? a : b;
    public static uint Min(uint a, uint b) => a < b ? a : b;
    public static uint Max(uint a, uint b) => a > b ? a : b;
    public static long Min(long a, long b) => a < b ? a : b;
    public static long Max(long a, long b) => a > b ? a : b;
    public static ulong Min(ulong a, ulong b) => a < b ? a : b;
    public static ulong Max(ulong a, ulong b) => a > b ? a : b;
    public static nint Min(nint a, nint b) => a < b ? a : b;
    public static nint Max(nint a, nint b) => a > b ? a : b;
    public static nuint Min(nuint a, nuint b) => a < b ? a : b;
    public static nuint Max(nuint a, nuint b) => a > b ? a : b;

    /// <summary>The full 128-bit product: the upper half as the result, the lower in <paramref name="low"/>.</summary>
    public static ulong BigMul(ulong a, ulong b, out ulong low)
    {
        ulong aLow = (uint)a, aHigh = a >> 32, bLow = (uint)b, bHigh = b >> 32;
        ulong lowLow = aLow * bLow;
        ulong middle = aHigh * bLow + (lowLow >> 32);
        ulong middle2 = aLow * bHigh + (uint)middle;
        low = (middle2 << 32) | (uint)lowLow;
        return aHigh * bHigh + (middle >> 32) + (middle2 >> 32);
    }

    // Named by ilc for conversions and products that no code here contains: x86-64 checks 64-bit products itself.
    private static int ConvertToInt32Checked(double value) => Unreachable();
    private static uint ConvertToUInt32Checked(double value) => (uint)Unreachable();
    private static long ConvertToInt64Checked(double value) => Unreachable();
    private static ulong ConvertToUInt64Checked(double value) => (ulong)Unreachable();
    private static int MultiplyChecked(int a, int b) => Unreachable();
    private static long MultiplyChecked(long a, long b) => Unreachable();

    private static int Unreachable()
    {
        Internal.Runtime.FailFast.With(Internal.Runtime.FailFastCode.PlatformNotSupported);
        return 0;
    }
}
