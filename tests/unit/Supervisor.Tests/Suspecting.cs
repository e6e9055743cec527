using Servers.Supervisor.Policy;

namespace Servers.Supervisor.Tests;

public sealed class Suspecting
{
    private const ulong Began = 7_000_000;

    private readonly Suspicion suspicion = new();

    public Suspecting() => suspicion.Begin(Began);

    private static HealthSample Silent(ulong cpu, uint runnable = 1, bool peersAnswer = true) => new(HasAnswered: false, cpu, runnable, peersAnswer);

    [Fact]
    public void An_answer_ends_it()
    {
        Assert.Null(suspicion.Look(Silent(Began)));
        Assert.True(suspicion.IsOpen);
        Assert.Null(suspicion.Look(new HealthSample(HasAnswered: true, Began + 2 * Suspicion.ShortestBound, 0, true)));
        Assert.False(suspicion.IsOpen);
    }

    [Fact]
    public void Cpu_time_without_an_answer_is_a_hang_and_wall_time_is_not()
    {
        for (int look = 0; look < 20; look++)
            Assert.Null(suspicion.Look(Silent(Began + Suspicion.ShortestBound)));
        Assert.Contains("hangs", suspicion.Look(Silent(Began + Suspicion.ShortestBound + 1)), StringComparison.Ordinal);
        Assert.False(suspicion.IsOpen);
    }

    [Fact]
    public void A_server_none_of_whose_threads_can_run_hangs_unless_it_waits_for_another()
    {
        for (int look = 0; look < 20; look++)
            Assert.Null(suspicion.Look(Silent(Began, runnable: 0, peersAnswer: false)));
        Assert.Null(suspicion.Look(Silent(Began, runnable: 0)));
        Assert.Null(suspicion.Look(Silent(Began, runnable: 0)));
        Assert.NotNull(suspicion.Look(Silent(Began, runnable: 0)));
    }

    [Fact]
    public void It_is_over_some_time_when_nothing_is_found()
    {
        int looks = 0;
        while (suspicion.IsOpen)
        {
            Assert.Null(suspicion.Look(Silent(Began)));
            Assert.True(++looks <= 500);
        }

        Assert.Equal(500, looks);
    }

    [Fact]
    public void Each_one_that_nobody_asked_for_makes_the_next_slower_until_it_counts()
    {
        int found = 0;
        for (; !suspicion.Counts; found++)
            suspicion.Found();
        Assert.Equal(HangDetector.LoopBound, suspicion.Bound);
        Assert.InRange(found, 5, 10);
        suspicion.Begin(0);
        Assert.Null(suspicion.Look(Silent(HangDetector.LoopBound)));
        Assert.NotNull(suspicion.Look(Silent(HangDetector.LoopBound + 1)));
    }

    [Fact]
    public void Answers_make_the_next_quicker_again()
    {
        for (int found = 0; found < 8; found++)
            suspicion.Found();
        ulong before = suspicion.Bound;
        suspicion.Begin(0);
        suspicion.Look(new HealthSample(HasAnswered: true, 1, 0, true));
        Assert.InRange(suspicion.Bound, before / 2, before - 1);
        for (int answer = 0; answer < 400; answer++)
        {
            suspicion.Begin(0);
            suspicion.Look(new HealthSample(HasAnswered: true, 1, 0, true));
        }

        Assert.Equal(Suspicion.ShortestBound, suspicion.Bound);
    }
}
