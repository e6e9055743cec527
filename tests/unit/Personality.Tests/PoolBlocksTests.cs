using CsCheck;
using Libsys.Messages;

namespace Libsys.Personality.Tests;

public class PoolBlocksTests
{
    private static PoolBlocks Fresh(uint length = VfsLimits.LargePoolLength)
    {
        var pool = default(PoolBlocks);
        pool.Reset(length);
        return pool;
    }

    [Fact]
    public void The_small_pool_lends_two_paths_at_once_or_a_page_twice()
    {
        PoolBlocks pool = Fresh(VfsLimits.PoolLength);
        Assert.Equal(0, pool.Take(5));
        Assert.Equal(-1, pool.Take(0));
        Assert.True(pool.Give(0, 5));
        Assert.True(pool.Take(4) >= 0);
        Assert.True(pool.Take(4) >= 0);
        Assert.Equal(0, pool.FreeUnits);
    }

    [Fact]
    public void A_pool_that_is_not_there_lends_nothing()
    {
        PoolBlocks pool = Fresh(0);
        for (int order = 0; order <= PoolBlocks.LargestOrder; order++)
            Assert.Equal(-1, pool.Take(order));
        Assert.False(pool.Give(0, 0));
    }

    [Theory]
    [InlineData(0u, 0)]
    [InlineData(256u, 0)]
    [InlineData(257u, 1)]
    [InlineData(65536u, 8)]
    [InlineData(65537u, 9)]
    public void The_order_is_the_smallest_whose_blocks_hold_the_length(uint length, int order) => Assert.Equal(order, PoolBlocks.OrderOf(length));

    [Fact]
    public void Two_full_pipe_buffers_fit_and_leave_room_for_paths()
    {
        PoolBlocks pool = Fresh();
        Assert.True(pool.Take(8) >= 0);
        Assert.True(pool.Take(8) >= 0);
        Assert.Equal(-1, pool.Take(8));
        Assert.True(pool.Take(5) >= 0);
    }

    [Fact]
    public void Small_blocks_do_not_break_up_the_room_of_large_ones()
    {
        PoolBlocks pool = Fresh();
        for (int i = 0; i < 64; i++)
            Assert.True(pool.Take(0) >= 0);
        Assert.True(pool.Take(8) >= 0);
        Assert.True(pool.Take(8) >= 0);
    }

    [Fact]
    public void Giving_back_what_was_not_taken_changes_nothing()
    {
        PoolBlocks pool = Fresh();
        int offset = pool.Take(3);
        Assert.False(pool.Give(offset + 256, 0) && pool.Give(offset + 256, 0));
        pool = Fresh();
        Assert.False(pool.Give(0, 8));
        Assert.False(pool.Give(-256, 0));
        Assert.False(pool.Give(pool.Units * PoolBlocks.UnitLength, 0));
        Assert.Equal(pool.Units, pool.FreeUnits);
    }

    [Fact]
    public void Blocks_are_aligned_and_never_overlap_and_all_come_back() =>
        Gen.Select(Gen.UInt[1, 576], Gen.Select(Gen.Int[0, 8], Gen.Int[0, 9]).Array[1, 400]).Sample((units, steps) =>
    {
        PoolBlocks pool = Fresh(units * PoolBlocks.UnitLength);
        var held = new List<(int Offset, int Order)>();
        bool[] used = new bool[pool.Units];
        foreach ((int order, int choice) in steps)
        {
            if (choice > 5 && held.Count > 0)
            {
                (int offset, int heldOrder) = held[choice * 7 % held.Count];
                held.Remove((offset, heldOrder));
                Assert.True(pool.Give(offset, heldOrder));
                Array.Fill(used, false, offset / PoolBlocks.UnitLength, 1 << heldOrder);
                continue;
            }

            int taken = pool.Take(order);
            if (taken < 0)
            {
                // Truly none: no aligned run of that length is free.
                for (int start = 0; start + (1 << order) <= used.Length; start += 1 << order)
                    Assert.Contains(true, used[start..(start + (1 << order))]);
                continue;
            }

            Assert.Equal(0, taken % (int)PoolBlocks.LengthOf(order));
            Assert.DoesNotContain(true, used[(taken / PoolBlocks.UnitLength)..((taken / PoolBlocks.UnitLength) + (1 << order))]);
            Array.Fill(used, true, taken / PoolBlocks.UnitLength, 1 << order);
            held.Add((taken, order));
        }

        Assert.Equal(used.Count(isUsed => !isUsed), pool.FreeUnits);
        foreach ((int offset, int order) in held)
            Assert.True(pool.Give(offset, order));
        Assert.Equal(pool.Units, pool.FreeUnits);
    });
}
