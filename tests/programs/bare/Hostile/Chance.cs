namespace Hostile;

/// <summary>Random numbers (xorshift64*), the same for the same seed.</summary>
internal struct Chance(ulong seed)
{
    private ulong state = seed * 0x9E37_79B9_7F4A_7C15 + 1;

    /// <summary>64 random bits.</summary>
    public ulong Next()
    {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        return state * 0x2545_F491_4F6C_DD1D;
    }

    /// <summary>A number below a bound.</summary>
    public uint Below(uint bound) => (uint)(Next() >> 33) % bound;

    /// <summary>An argument as a fuzzer likes them: small, all ones, page aligned, near the ends of ranges, or anything.</summary>
    public ulong Argument() => Below(8) switch
    {
        0 => Next(),
        1 => ulong.MaxValue,
        2 => 0xFFFF_FFFF,
        3 => Next() >> 20 & ~0xFFFul,
        4 => 1ul << (int)Below(64),
        5 => (ulong)(long.MaxValue - Below(2)),
        _ => Below(16),
    };
}
