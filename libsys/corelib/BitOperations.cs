namespace System.Numerics;

/// <summary>Bit counting, written so that neither BMI nor POPCNT is needed.</summary>
public static class BitOperations
{
    /// <summary>Index of the lowest set bit; 64 for zero.</summary>
    public static int TrailingZeroCount(ulong value)
    {
        if (value == 0)
            return 64;
        int count = 0;
        if ((uint)value == 0) { value >>= 32; count += 32; }
        if ((ushort)value == 0) { value >>= 16; count += 16; }
        if ((byte)value == 0) { value >>= 8; count += 8; }
        if ((value & 0xf) == 0) { value >>= 4; count += 4; }
        if ((value & 3) == 0) { value >>= 2; count += 2; }
        if ((value & 1) == 0) count += 1;
        return count;
    }

    /// <summary>Index of the lowest set bit; 32 for zero.</summary>
    public static int TrailingZeroCount(uint value) => value == 0 ? 32 : TrailingZeroCount((ulong)value);

    /// <summary>Number of zero bits above the highest set bit; 64 for zero.</summary>
    public static int LeadingZeroCount(ulong value)
    {
        if (value == 0)
            return 64;
        int count = 0;
        if (value >> 32 == 0) { value <<= 32; count += 32; }
        if (value >> 48 == 0) { value <<= 16; count += 16; }
        if (value >> 56 == 0) { value <<= 8; count += 8; }
        if (value >> 60 == 0) { value <<= 4; count += 4; }
        if (value >> 62 == 0) { value <<= 2; count += 2; }
        if (value >> 63 == 0) count += 1;
        return count;
    }

    /// <summary>Number of zero bits above the highest set bit; 32 for zero.</summary>
    public static int LeadingZeroCount(uint value) => LeadingZeroCount((ulong)value) - 32;

    /// <summary>Index of the highest set bit; 0 for zero.</summary>
    public static int Log2(ulong value) => 63 - LeadingZeroCount(value | 1);

    /// <summary>Index of the highest set bit; 0 for zero.</summary>
    public static int Log2(uint value) => Log2((ulong)value);

    /// <summary>Number of set bits.</summary>
    public static int PopCount(ulong value)
    {
        value -= (value >> 1) & 0x5555555555555555;
        value = (value & 0x3333333333333333) + ((value >> 2) & 0x3333333333333333);
        value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0f;
        return (int)((value * 0x0101010101010101) >> 56);
    }

    /// <summary>Number of set bits.</summary>
    public static int PopCount(uint value) => PopCount((ulong)value);

    public static bool IsPow2(ulong value) => value != 0 && (value & (value - 1)) == 0;
    public static bool IsPow2(uint value) => value != 0 && (value & (value - 1)) == 0;

    public static uint RotateLeft(uint value, int offset) => (value << offset) | (value >> (32 - offset));
    public static ulong RotateLeft(ulong value, int offset) => (value << offset) | (value >> (64 - offset));
}
