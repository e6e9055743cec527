using CsCheck;

namespace Libsys.Hosting.Tests;

public sealed class Timers
{
    [Fact]
    public void Timers_expire_in_order_each_setting_once_whatever_is_set_again_or_cancelled()
    {
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 9], Gen.ULong[0, 100]).Array[0, 300].Sample(steps =>
        {
            var heap = new TimerHeap();
            var expected = new ulong?[10];
            LoopTimer[] timers = [.. Enumerable.Range(0, 10).Select(_ => new LoopTimer(heap, () => { }))];
            ulong now = 0;
            foreach ((int step, int index, ulong value) in steps)
            {
                switch (step)
                {
                    case 0 or 1:
                        timers[index].Set(now + value);
                        expected[index] = now + value;
                        break;
                    case 2:
                        timers[index].Cancel();
                        expected[index] = null;
                        break;
                    default:
                        now += value;
                        ulong last = 0;
                        while (heap.TakeExpired(now) is { } timer)
                        {
                            int position = Array.IndexOf(timers, timer);
                            Assert.Equal(expected[position], timer.Deadline);
                            Assert.InRange(timer.Deadline, last, now);
                            last = timer.Deadline;
                            expected[position] = null;
                        }

                        Assert.All(expected, deadline => Assert.True(deadline is null || deadline > now));
                        break;
                }

                for (int timer = 0; timer < timers.Length; timer++)
                    Assert.Equal(expected[timer] is not null, timers[timer].IsSet);
                Assert.Equal(expected.Min() ?? ulong.MaxValue, heap.NextDeadline);
            }
        });
    }
}
