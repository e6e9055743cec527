using System;
using System.Numerics;
using System.Runtime.CompilerServices;
using static CoreLibChecks.Program;

namespace CoreLibChecks;

internal static class ArithmeticChecks
{
    public static void Run()
    {
        Check(Math.Min(3, -4) == -4 && Math.Max(3u, 4u) == 4 && Math.Min(ulong.MaxValue, 1) == 1, "Min and Max"u8);
        ulong high = Math.BigMul(Opaque(0xffff_ffff_ffff_fff1), Opaque(0xfedc_ba98_7654_3210), out ulong low);
        Check(high == 0xfedc_ba98_7654_3201 && low == 0x1111_1111_1111_1110, "BigMul"u8);
        Check(BitOperations.TrailingZeroCount(Opaque(0)) == 64 && BitOperations.TrailingZeroCount(Opaque(1ul << 63)) == 63, "TrailingZeroCount"u8);
        Check(BitOperations.LeadingZeroCount(Opaque(1)) == 63 && BitOperations.LeadingZeroCount(Opaque(0)) == 64, "LeadingZeroCount"u8);
        Check(BitOperations.Log2(Opaque(4096)) == 12 && BitOperations.Log2(4095u) == 11, "Log2"u8);
        Check(BitOperations.PopCount(Opaque(ulong.MaxValue)) == 64 && BitOperations.PopCount(0x101u) == 2, "PopCount"u8);
        Check(BitOperations.IsPow2(4096u) && !BitOperations.IsPow2(Opaque(12)), "IsPow2"u8);
        Check(checked((int)Opaque(7)) == 7 && unchecked((byte)Opaque(0x1ff)) == 0xff, "conversions"u8);
        Check(Opaque(1000) / Opaque(7) == 142 && Opaque(1000) % Opaque(7) == 6, "division"u8);
    }

    // Keeps the compiler from computing the answer itself.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Opaque(ulong value) => value;
}
