using Servers.Supervisor.Policy;

namespace Servers.Supervisor.Tests;

public sealed class DetectingHangs
{
    private const ulong Bound = 500_000_000;
    private const int Checks = 4;

    private static HealthSample Silent(ulong cpu, uint runnable = 1, bool peersAnswer = true) => new(HasAnswered: false, cpu, runnable, peersAnswer);

    private static HealthSample Answered(ulong cpu) => new(HasAnswered: true, cpu, Runnable: 0, PeersAnswer: true);

    private static HangDetector Asked()
    {
        var detector = new HangDetector(Bound, Checks);
        Assert.Null(detector.Check(Silent(0), out bool asks));
        Assert.True(asks);
        return detector;
    }

    [Fact]
    public void An_answer_of_a_busy_server_is_followed_by_the_next_question()
    {
        HangDetector detector = Asked();
        for (ulong check = 1; check < 10; check++)
        {
            Assert.Null(detector.Check(Answered(check * (HangDetector.BusyTime + 1)), out bool asks));
            Assert.True(asks);
        }
    }

    [Fact]
    public void A_server_that_does_little_is_asked_at_some_checks_only()
    {
        HangDetector detector = Asked();
        for (int check = 1; check < 10 * HangDetector.QuietChecks; check++)
        {
            Assert.Null(detector.Check(Answered((ulong)check), out bool asks));
            Assert.Equal(check % HangDetector.QuietChecks == 0, asks);
        }
    }

    [Fact]
    public void A_server_that_hangs_after_an_answer_is_asked_and_found()
    {
        HangDetector detector = Asked();
        Assert.Null(detector.Check(Answered(0), out bool asks));
        Assert.False(asks);
        // It begins to loop, and is still to be asked.
        Assert.Null(detector.Check(Answered(HangDetector.BusyTime + 1), out asks));
        Assert.True(asks);
        Assert.Null(detector.Check(Silent(HangDetector.BusyTime + 1 + Bound), out asks));
        Assert.False(asks);
        Assert.NotNull(detector.Check(Silent(HangDetector.BusyTime + 2 + Bound), out _));
    }

    [Fact]
    public void Too_much_cpu_time_without_an_answer_is_a_hang()
    {
        HangDetector detector = Asked();
        Assert.Null(detector.Check(Silent(Bound), out _));
        Assert.Contains("CPU time", detector.Check(Silent(Bound + 1), out _), StringComparison.Ordinal);
    }

    [Fact]
    public void Wall_time_alone_never_is()
    {
        HangDetector detector = Asked();
        for (int check = 0; check < 1000; check++)
        {
            Assert.Null(detector.Check(Silent(1000), out bool asks)); // it could run but was not let
            Assert.False(asks);
        }
    }

    [Fact]
    public void A_server_none_of_whose_threads_can_run_for_several_checks_hangs()
    {
        HangDetector detector = Asked();
        for (int check = 1; check < Checks; check++)
            Assert.Null(detector.Check(Silent(0, runnable: 0), out _));
        Assert.Contains("no thread", detector.Check(Silent(0, runnable: 0), out _), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_that_waits_for_one_that_is_busy_does_not()
    {
        HangDetector detector = Asked();
        for (int check = 0; check < 100; check++)
            Assert.Null(detector.Check(Silent(0, runnable: 0, peersAnswer: false), out _));
    }

    [Fact]
    public void Checks_with_a_runnable_thread_in_between_start_the_count_again()
    {
        HangDetector detector = Asked();
        for (int check = 0; check < 100; check++)
            Assert.Null(detector.Check(Silent(0, runnable: check % Checks == 0 ? 1u : 0u), out _));
    }
}
