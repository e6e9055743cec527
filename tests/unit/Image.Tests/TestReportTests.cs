using Microkernel.Image.Test;

namespace Microkernel.Image.Tests;

public sealed class TestReportTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Theory]
    [InlineData(5, 5, 0, 5, 0)]
    [InlineData(5, 3, 1, 3, 2)]
    [InlineData(5, 5, 1, 5, 1)]
    [InlineData(0, 0, 0, 0, 1)]
    public void Tests_that_did_not_pass_count_as_failed(int total, int passed, int exitCode, int expectedPassed, int expectedFailed)
    {
        File.WriteAllText(path,
            """<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><ResultSummary>"""
            + $"""<Counters total="{total}" passed="{passed}"/></ResultSummary></TestRun>""");
        Assert.Equal(new TestTotals(expectedPassed, expectedFailed), TestReport.Read(path, exitCode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("<TestRun><Result")]
    public void A_crashed_test_host_counts_as_one_failure(string report)
    {
        File.WriteAllText(path, report);
        Assert.Equal(new TestTotals(0, 1), TestReport.Read(path, exitCode: 1));
        File.Delete(path);
        Assert.Equal(new TestTotals(0, 1), TestReport.Read(path, exitCode: 0));
    }

    [Fact]
    public void Failed_tests_are_named_with_the_end_of_what_they_said()
    {
        string message = new string('x', 1000) + "\nline 3: `a` on Linux, `b` here";
        File.WriteAllText(path,
            """<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>"""
            + """<UnitTestResult testName="A.Passes" outcome="Passed"/><UnitTestResult testName="A.Fails(cpus: 2)" outcome="Failed">"""
            + $"<Output><ErrorInfo><Message>{message}</Message></ErrorInfo></Output></UnitTestResult></Results></TestRun>");
        string failure = Assert.Single(TestReport.Failures(path));
        Assert.StartsWith("A.Fails(cpus: 2)\n    ...xxx", failure, StringComparison.Ordinal);
        Assert.EndsWith("\n    line 3: `a` on Linux, `b` here", failure, StringComparison.Ordinal);
        Assert.InRange(failure.Length, 600, 700);

        File.WriteAllText(path, "<TestRun><Result");
        Assert.Empty(TestReport.Failures(path));
    }

    [Fact]
    public void The_closing_line_is_read_back()
    {
        Assert.True(TestTotals.TryParse(new TestTotals(12, 3).ToString(), out TestTotals totals));
        Assert.Equal(new TestTotals(12, 3), totals);
        Assert.False(TestTotals.TryParse("12 passed", out _));
    }
}
