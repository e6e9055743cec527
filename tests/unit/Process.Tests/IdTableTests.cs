using CsCheck;
using Servers.Processes.Tree;

namespace Servers.Processes.Tests;

public sealed class IdTableTests
{
    private const int FirstAfterWrap = 300;

    [Fact]
    public void Any_order_of_uses_gives_out_runs_that_nobody_uses()
    {
        // Ids are used, given back and asked for in a crowd around the end of the range, where a run has to wrap.
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 1_000_000], Gen.Int[1, 200]).Array[0, 200].Sample(steps =>
        {
            var ids = new IdTable();
            Assert.Equal(1, ids.Next(IdTable.Limit - 200));
            var uses = new List<int>();
            foreach ((int step, int choice, int count) in steps)
            {
                if (step == 0 && uses.Count > 0)
                {
                    int place = choice % uses.Count;
                    ids.Leave(uses[place]);
                    uses.RemoveAt(place);
                    continue;
                }

                if (step == 1)
                {
                    Use(FirstAfterWrap + choice % 1000);
                    continue;
                }

                int first = ids.Next(count);
                Assert.InRange(first, 1, IdTable.Limit - count);
                Assert.DoesNotContain(uses, id => id >= first && id < first + count);
                Use(first + count / 2);

                void Use(int id)
                {
                    ids.Use(id);
                    uses.Add(id);
                }
            }
        });
    }

    [Fact]
    public void An_id_with_two_uses_is_free_after_the_second()
    {
        var ids = new IdTable();
        int id = ids.Next(1);
        ids.Use(id);
        ids.Use(id);
        ids.Leave(id);
        Fill(ids);
        Assert.Equal(0, ids.Next(1));
        ids.Leave(id);
        Assert.Equal(0, ids.Next(1)); // below those that are given out after a wrap
        ids.Leave(FirstAfterWrap);
        Assert.Equal(FirstAfterWrap, ids.Next(1));
    }

    private static void Fill(IdTable ids)
    {
        for (int id = ids.Next(1); id != 0; id = ids.Next(1))
            ids.Use(id);
    }
}
