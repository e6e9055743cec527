namespace Microkernel.Boot.Tests;

/// <summary>The driver of the battery-backed clock (servers/drivers/rtc) answers as Linux' does: tests/programs/bare/RtcChecks, and hwclock(8).</summary>
public sealed class RtcTests
{
    // Where the nodes of drivers are, here and on Linux.
    private const string MountDevices = "mount -t devtmpfs none /dev";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_clock_is_read_set_and_waited_for_as_on_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("RtcChecks");
        // What is set is 2024-03-01, and a minute is far more than the rest takes.
        await LinuxOracle.SameAsLinux(
            $"{MountDevices}; /RtcChecks; echo status $?; hwclock -u -r | cut -d: -f1; stat -c '%a %u %g %F' /dev/rtc0", cpus, overlay.Directory);
    }

    [Fact]
    public async Task A_clock_that_is_open_when_its_driver_ends_is_an_error_and_can_be_opened_again()
    {
        BootAnswer answer = await Boot.Run(
            $$"""
            {{MountDevices}}; exec 3</dev/rtc0; s=/sys/servers/rtc; echo crash >$s/inject
            until [ "$(cat $s/generation)" = 2 ] && [ "$(cat $s/state)" = running ]; do sleep 0.1; done
            cat <&3; echo $?; exec 3<&-
            hwclock -u -r >/dev/null; echo $?
            """, Image.Run.TargetSystem.Microkernel);
        Assert.True(answer.ExitStatus == 0, answer.Describe("microkernel"));
        Assert.Equal(["cat: read error: Input/output error", "1", "0"], answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
