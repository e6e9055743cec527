using CsCheck;

namespace Libsys.Hosting.Tests;

public sealed class Clocks
{
    [Fact]
    public void Ticks_are_scaled_exactly_as_far_as_the_result_fits()
    {
        Gen.Select(Gen.ULong, Gen.ULong[1, 1ul << 40]).Sample((ticks, multiplier) =>
        {
            UInt128 exact = (UInt128)ticks * multiplier >> 32;
            if (exact <= ulong.MaxValue)
                Assert.Equal((ulong)exact, SystemClock.Scale(ticks, multiplier));
        });
    }
}
