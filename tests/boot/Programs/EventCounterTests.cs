using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Programs;

/// <summary>eventfd(2): by requests and in memory, tests/programs/bare/EventChecks.</summary>
public sealed class EventCounterTests
{
    [Theory]
    [InlineData("v", 1)]
    [InlineData("w", 1)]
    [InlineData("w", 2)]
    [InlineData("n", 1)]
    [InlineData("n", 2)]
    [InlineData("f", 1)]
    [InlineData("f", 2)]
    [InlineData("s", 1)]
    [InlineData("s", 2)]
    [InlineData("s", 4)]
    [InlineData("m", 1)]
    [InlineData("m", 2)]
    [InlineData("g", 1)]
    [InlineData("g", 2)]
    public async Task Values_waiting_and_many_processes_are_as_on_Linux(string part, int cpus)
    {
        using var overlay = new ProgramOverlay("EventChecks");
        await LinuxOracle.SameAsLinux("/EventChecks " + part, cpus, overlay.Directory);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Poll_and_epoll_are_as_on_Linux_beside_pipes_and_a_device_of_another_server(int cpus)
    {
        using var overlay = new ProgramOverlay("EventChecks");
        BootAnswer linux = await LinuxOracle.Answer("mkfifo /tmp/box; /EventChecks r /tmp/box", overlay.Directory);
        Assert.True(linux.Failure is null && linux.ExitStatus == 0, linux.Describe("Linux"));
        BootAnswer device = await Boot.Run(new RunRequest
        {
            Command = "mount -t devtmpfs none /dev; exec /EventChecks r /dev/mailbox"u8.ToArray(),
            Configuration = "mailbox", Cpus = cpus, Overlay = overlay.Directory, Timeout = Boot.DefaultTimeout,
        });
        Assert.True(device.Text == linux.Text && device.ExitStatus == 0, linux.Describe("Linux, a fifo") + device.Describe("microkernel, the device"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Threads_take_what_another_process_adds(int cpus)
    {
        using var overlay = new ProgramOverlay("EventChecks", "EventThreads");
        await LinuxOracle.SameAsLinux("/EventChecks t", cpus, overlay.Directory);
    }

    [Fact]
    public async Task Frames_come_back()
    {
        // Each run has some 500 pages at once; what stays of it is the growth of heaps.
        const int runs = 6, pagesOfRuns = runs * 500 * 4;
        using var overlay = new ProgramOverlay("EventChecks");
        string command = $$"""
            free() { while read name kib rest; do test $name = MemFree: && echo $kib; done </proc/meminfo; }
            /EventChecks h >/tmp/first; /EventChecks h >/tmp/second; sleep 0.2; before=$(free)
            for i in $(seq {{runs}}); do /EventChecks h >/tmp/last; done
            sleep 0.2; cmp /tmp/first /tmp/last && test $((before - $(free))) -lt {{pagesOfRuns / 3}} && echo back
            """;
        BootAnswer answer = await Boot.Run(command, TargetSystem.Microkernel, 2, overlay.Directory);
        Assert.True(answer.ExitStatus == 0 && answer.Text == "back\n", answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_program_harms_nobody_by_what_it_has_mapped(int cpus)
    {
        using var overlay = new ProgramOverlay("EventChecks");
        const string expected = """
            mapped 3
            scribbles 0
            scribbles while others use it 0
            maps what it has no handle of 0
            maps where nothing is offered 0
            keeps a page 0
            touches a page that is gone 1011
            unmaps under its own feet 0
            rings for nothing 0
            maps and never unmaps 0
            nobody else's 42
            mine still works 92

            """;
        BootAnswer answer = await Boot.Run("/EventChecks h", TargetSystem.Microkernel, cpus, overlay.Directory);
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("run"));
    }
}
