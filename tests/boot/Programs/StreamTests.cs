using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Programs;

/// <summary>Pipes in memory and by requests, tests/programs/bare/StreamChecks.</summary>
public sealed class StreamTests
{
    [Theory]
    [InlineData("v", 1)]
    [InlineData("v", 2)]
    [InlineData("w", 1)]
    [InlineData("w", 2)]
    [InlineData("w", 4)]
    [InlineData("r", 1)]
    [InlineData("r", 2)]
    [InlineData("p", 1)]
    [InlineData("p", 2)]
    [InlineData("p", 4)]
    [InlineData("b", 1)]
    [InlineData("b", 2)]
    [InlineData("z", 1)]
    [InlineData("z", 2)]
    [InlineData("m", 1)]
    [InlineData("m", 2)]
    public async Task Values_waiting_readiness_and_data_are_as_on_Linux(string part, int cpus)
    {
        using var overlay = new ProgramOverlay("StreamChecks");
        await LinuxOracle.SameAsLinux("/StreamChecks " + part, cpus, overlay.Directory);
    }

    [Theory]
    [InlineData("k", 1)]
    [InlineData("k", 2)]
    [InlineData("k", 4)]
    [InlineData("s", 1)]
    [InlineData("s", 2)]
    [InlineData("s", 4)]
    public async Task Blocks_are_whole_whoever_is_killed_or_stopped(string part, int cpus)
    {
        using var overlay = new ProgramOverlay("StreamChecks");
        await LinuxOracle.SameAsLinux("/StreamChecks " + part, cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Pipelines_of_shells_are_as_on_Linux(int cpus)
    {
        const string command = """
            seq 20000 | while read a; do echo $a; done | md5sum
            for i in $(seq 40); do echo $i | cat | cat | tail -1; done | md5sum
            mkfifo /tmp/f; (seq 3000; seq 3000) >/tmp/f & (cat /tmp/f | sort -n | uniq -c | md5sum); wait
            (for i in $(seq 300); do echo a; done & for i in $(seq 300); do echo b; done; wait) | sort | uniq -c
            yes | head -1000 | wc; dd if=/dev/zero bs=100k count=100 2>/dev/null | (sleep 0.1; cat) | md5sum
            """;
        await LinuxOracle.SameAsLinux(command, cpus);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_program_harms_nobody_by_what_it_has_mapped(int cpus)
    {
        using var overlay = new ProgramOverlay("StreamChecks");
        const string expected = """
            a reader scribbles 0
            a writer scribbles 0
            a reader scribbles while others use it 0
            a writer scribbles while others use it 0
            a reader makes more writable 0
            a writer makes more writable 0
            a reader writes what it may not 0
            a writer writes what it may not 0
            unmaps under its own feet 0
            locks and ends 0
            maps and never unmaps 0
            mine still works 22111

            """;
        BootAnswer answer = await Boot.Run("/StreamChecks h", TargetSystem.Microkernel, cpus, overlay.Directory);
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("run"));
    }

    [Fact]
    public async Task Frames_come_back()
    {
        // Each run has 384 streams of 19 pages at once; what stays of it is the growth of vfs' heap, which goes up by some MiB with each run until it is
        // collected. So the least of many looks counts.
        const int runs = 24, kibOfRuns = runs * 384 * 19 * 4;
        using var overlay = new ProgramOverlay("StreamChecks");
        string command = $$"""
            free() { while read name kib rest; do test $name = MemFree: && echo $kib; done </proc/meminfo; }
            /StreamChecks h >/tmp/first; /StreamChecks h >/tmp/second; sleep 0.2; before=$(free)
            least=$((1 << 30))
            for i in $(seq {{runs}}); do
            /StreamChecks h >/tmp/last; kept=$((before - $(free)))
            test $i -gt {{runs / 2}} && test $kept -lt $least && least=$kept
            done
            cmp /tmp/first /tmp/last && test $least -lt {{kibOfRuns / 24}} && echo back
            """;
        BootAnswer answer = await Boot.Run(command, TargetSystem.Microkernel, 2, overlay.Directory);
        Assert.True(answer.ExitStatus == 0 && answer.Text == "back\n", answer.Describe("run"));
    }
}
