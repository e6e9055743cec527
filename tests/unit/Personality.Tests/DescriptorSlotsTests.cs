using CsCheck;

namespace Libsys.Personality.Tests;

public class DescriptorSlotsTests
{
    private const int Capacity = 32;

    [Fact]
    public void A_reserved_number_is_neither_free_nor_open()
    {
        using var slots = new DescriptorArrays(Capacity);
        slots.Reserve(0);
        Assert.False(slots.IsOpen(0));
        Assert.Equal(1, slots.LowestFree(0, Capacity));
        slots.Release(0);
        Assert.Equal(0, slots.LowestFree(0, Capacity));
    }

    [Fact]
    public void The_limit_ends_the_numbers_even_where_the_array_goes_on()
    {
        using var slots = new DescriptorArrays(Capacity);
        for (int number = 0; number < 4; number++)
            slots.Install(number, (uint)number);
        Assert.Equal(-1, slots.LowestFree(0, 4));
        Assert.Equal(4, slots.LowestFree(0, 5));
    }

    [Fact]
    public void A_full_array_says_which_number_it_must_grow_for()
    {
        using var slots = new DescriptorArrays(4);
        for (int number = 0; number < 4; number++)
            slots.Install(number, 0);
        Assert.Equal(4, slots.LowestFree(0, 100));
        Assert.False(slots.IsOpen(4));
    }

    [Fact]
    public void The_end_is_behind_the_highest_number_in_use()
    {
        using var slots = new DescriptorArrays(Capacity);
        for (int number = 0; number < 8; number++)
            slots.Install(number, (uint)number);
        slots.Reserve(9);
        Assert.Equal(10u, slots.End);
        slots.Remove(5);
        Assert.Equal(10u, slots.End);
        slots.Release(9);
        Assert.Equal(8u, slots.End);
        slots.Remove(6);
        slots.Remove(7);
        Assert.Equal(5u, slots.End);
    }

    [Fact]
    public void A_handle_that_is_used_again_is_told_from_what_it_was()
    {
        using var slots = new DescriptorArrays(Capacity);
        slots.Install(0, 5);
        slots.Install(1, 5);
        uint first = slots.GenerationOf(5);
        slots.Remove(0);
        Assert.True(slots.IsUsed(5, first));
        slots.Remove(1);
        Assert.False(slots.IsUsed(5, first));
        slots.Install(2, 5);
        Assert.False(slots.IsUsed(5, first));
        Assert.True(slots.IsUsed(5, slots.GenerationOf(5)));
        Assert.False(slots.IsUsed(Capacity, 0));
    }

    [Fact]
    public void Only_the_last_number_of_a_handle_owes_a_close_and_local_objects_always_do() =>
        Gen.Select(Gen.Int[0, Capacity - 1], Gen.UInt[0, 3], Gen.Bool).Array[1, 300].Sample(steps =>
        {
            using var slots = new DescriptorArrays(Capacity);
            var open = new Dictionary<int, (uint Handle, bool IsLocal)>();
            foreach ((int number, uint handle, bool isLocal) in steps)
            {
                if (open.Remove(number, out (uint Handle, bool IsLocal) was))
                {
                    bool others = open.Values.Any(other => other.Handle == was.Handle && !other.IsLocal);
                    Assert.Equal(was.IsLocal || !others, slots.Remove(number));
                }
                else
                {
                    slots.Install(number, handle, isLocal ? DescriptorBits.Local : 0);
                    open[number] = (handle, isLocal);
                }

                int free = Enumerable.Range(0, Capacity).FirstOrDefault(candidate => !open.ContainsKey(candidate), -1);
                Assert.Equal(free, slots.LowestFree(0, Capacity));
                Assert.All(Enumerable.Range(0, Capacity), candidate => Assert.Equal(open.ContainsKey(candidate), slots.IsOpen(candidate)));
            }
        });
}
