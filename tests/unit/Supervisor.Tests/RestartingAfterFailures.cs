using Servers.Supervisor.Policy;

namespace Servers.Supervisor.Tests;

public sealed class RestartingAfterFailures
{
    private const ulong Second = 1_000_000_000, Millisecond = 1_000_000;

    [Fact]
    public void The_first_failure_is_followed_by_a_restart_at_once_and_further_ones_by_doubling_delays_up_to_a_cap()
    {
        var backoff = new RestartBackoff(mostFailures: 10, window: 60 * Second);
        ulong[] delays = [.. Enumerable.Range(0, 10).Select(second => backoff.Fail((ulong)second * Second, isRequested: false).Delay / Millisecond)];
        Assert.Equal([0, 50, 100, 200, 400, 800, 1600, 2000, 2000, 2000], delays);
    }

    [Fact]
    public void One_failure_more_than_allowed_within_the_window_is_the_last()
    {
        var backoff = new RestartBackoff(mostFailures: 3, window: 10 * Second);
        for (ulong second = 0; second < 3; second++)
            Assert.False(backoff.Fail(second * Second, isRequested: false).GivesUp);
        Assert.True(backoff.Fail(3 * Second, isRequested: false).GivesUp);
    }

    [Fact]
    public void Failures_that_lie_back_longer_than_the_window_are_forgotten()
    {
        var backoff = new RestartBackoff(mostFailures: 2, window: 10 * Second);
        for (ulong failure = 0; failure < 100; failure++)
            Assert.Equal(default, backoff.Fail(failure * 11 * Second, isRequested: false));
    }

    [Fact]
    public void What_root_asked_for_is_never_counted()
    {
        var backoff = new RestartBackoff(mostFailures: 1, window: 60 * Second);
        for (ulong failure = 0; failure < 1000; failure++)
            Assert.Equal(default, backoff.Fail(failure * Millisecond, isRequested: true));
        Assert.Equal(default, backoff.Fail(Second, isRequested: false));
    }
}
