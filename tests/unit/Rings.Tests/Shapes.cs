using CsCheck;

namespace Libsys.Rings.Tests;

/// <summary>Shapes of connections: the protocols' own are checked where they are defined.</summary>
public sealed class Shapes
{
    /// <summary>A shape like that of a program's connection.</summary>
    internal static readonly ConnectionShape Usual = new(64, 4096);

    /// <summary>All that protocols may choose: both rings in the page of the indices, with and without a pool and an area.</summary>
    internal static readonly Gen<ConnectionShape> Any =
        Gen.Select(Gen.Int[1, 8], Gen.UInt[0, 3], Gen.UInt[0, 60],
        (order, pages, lines) => new ConnectionShape(1u << order, pages * 4096, lines * RingLayout.SlotLength));

    [Fact]
    public void Parts_do_not_overlap_and_the_pool_begins_on_a_page()
    {
        Any.Sample(shape =>
        {
            Assert.True(shape.IsValid);
            Assert.Equal(RingLayout.Area + shape.AreaLength, shape.Submissions);
            Assert.Equal(shape.Submissions + shape.Slots * 64, shape.Completions);
            Assert.InRange(shape.Pool, shape.Completions + shape.Slots * 64, shape.Completions + shape.Slots * 64 + 4095);
            Assert.Equal(0u, shape.Submissions % 64);
            Assert.Equal(0u, shape.Pool % 4096);
            Assert.Equal(shape.Pool + shape.PoolLength, shape.Length);
        });
    }

    [Theory]
    [InlineData(48u, 0u, 0u)]
    [InlineData(1u, 0u, 0u)]
    [InlineData(0u, 0u, 0u)]
    [InlineData(8u, 100u, 0u)]
    [InlineData(8u, 0u, 4u)]
    public void Other_numbers_are_no_shape(uint slots, uint pool, uint area) => Assert.False(new ConnectionShape(slots, pool, area).IsValid);

    [Fact]
    public void Shapes_of_the_protocols_are_valid()
    {
        Assert.True(Messages.VfsLimits.Shape.IsValid);
        Assert.True(Messages.SerialLimits.Shape.IsValid);
        Assert.True(Messages.VfsLimits.DescriptorTable + Messages.VfsLimits.DescriptorTableEntries * sizeof(ushort) <= Messages.VfsLimits.Shape.Submissions);
    }

    [Fact]
    public void Few_slots_share_the_page_of_the_indices() => Assert.Equal(4096u, new ConnectionShape(16, 0).Length);
}
