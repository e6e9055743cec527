using CsCheck;

namespace Libsys.Hosting.Tests;

public sealed class SourceLists
{
    private sealed class Source : EventSource
    {
        protected internal override bool Turn() => false;
    }

    [Fact]
    public void A_list_holds_what_was_added_and_not_taken_out_whatever_is_forgotten()
    {
        Gen.Select(Gen.Int[0, 9], Gen.Int[0, 30]).Array[0, 200].Sample(steps =>
        {
            Source[] sources = [.. Enumerable.Range(0, 31).Select(_ => new Source())];
            var list = new SourceList();
            var expected = new List<EventSource>();
            foreach ((int step, int index) in steps)
            {
                switch (step)
                {
                    case < 6:
                        list.Add(sources[index]);
                        expected.Add(sources[index]);
                        break;
                    case < 8 when expected.Count > 0:
                        int place = index % expected.Count;
                        Assert.Same(expected[place], list[place]);
                        list.RemoveAt(place);
                        expected[place] = expected[^1];
                        expected.RemoveAt(expected.Count - 1);
                        break;
                    case 8:
                        list.Forget();
                        break;
                    case 9 when index == 0:
                        list.Clear();
                        expected.Clear();
                        break;
                }

                Assert.Equal(expected.Count, list.Count);
                for (int at = 0; at < expected.Count; at++)
                    Assert.Same(expected[at], list[at]);
            }
        });
    }
}
