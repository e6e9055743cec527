using Servers.Supervisor.Keeping;

namespace Servers.Supervisor.Tests;

public sealed class TrustingWhatWasKept
{
    private const ulong Second = 1_000_000_000;

    [Fact]
    public void The_third_end_in_a_row_empties_and_the_count_begins_again()
    {
        var trust = new KeepTrust();
        Assert.False(trust.Ended(Second, isRequested: false));
        Assert.Equal(1u, trust.Attempt);
        Assert.False(trust.Ended(0, isRequested: false));
        Assert.Equal(2u, trust.Attempt);
        Assert.True(trust.Ended(0, isRequested: false));
        Assert.Equal(0u, trust.Attempt);
    }

    [Fact]
    public void A_process_that_ran_for_long_breaks_the_row()
    {
        var trust = new KeepTrust();
        for (int end = 0; end < 10; end++)
        {
            Assert.False(trust.Ended(11 * Second, isRequested: false));
            Assert.Equal(1u, trust.Attempt);
            Assert.False(trust.Ended(Second, isRequested: false));
            Assert.Equal(2u, trust.Attempt);
        }
    }

    [Fact]
    public void What_root_asked_for_says_nothing_against_the_state()
    {
        var trust = new KeepTrust();
        trust.Ended(Second, isRequested: false);
        Assert.False(trust.Ended(0, isRequested: true)); // it never was ready: nothing speaks for the state either
        Assert.Equal(1u, trust.Attempt);
        for (int end = 0; end < 100; end++)
            Assert.False(trust.Ended(1, isRequested: true));
        Assert.Equal(0u, trust.Attempt);
    }
}
