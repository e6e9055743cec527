using CsCheck;
using Libsys.Hosting;

namespace Libsys.Rings.Tests;

/// <summary>Bounds of shared memory.</summary>
public sealed class ConnectionMemory
{
    [Fact]
    public void A_range_is_given_exactly_when_it_lies_inside()
    {
        using MappedMemory memory = MappedMemory.Allocate(10_000);
        Gen.Select(Gen.OneOf(Gen.ULong, Gen.ULong[0, 20_000]), Gen.OneOf(Gen.ULong, Gen.ULong[0, 20_000])).Sample((offset, length) =>
        {
            bool inside = (UInt128)offset + length <= 10_000;
            Assert.Equal(inside, memory.TrySpan(offset, length, out Span<byte> span));
            Assert.Equal(inside ? (int)length : 0, span.Length);
        });
    }

    [Fact]
    public void Access_outside_throws()
    {
        using MappedMemory memory = MappedMemory.Allocate(64);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.ReadUInt64(64));
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.WriteUInt32(ulong.MaxValue - 3, 1));
        Assert.Throws<ArgumentException>(() => memory.ReadUInt32(2));
    }
}
