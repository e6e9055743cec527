using System.Text;
using System.Text.RegularExpressions;

namespace Microkernel.Boot.Tests.Supervision;

/// <summary>Every way to fail is noticed, named and reported, and the driver serves again afterwards.</summary>
public sealed class DetectionTests
{
    [Theory]
    [InlineData("crash", "failed: unexpected exception: System.NullReferenceException",
        @"console  at 0x[0-9a-f]+ Libsys\.Hosting\.InjectedFaults\.Crash\S* \(libsys/hosting/InjectedFaults\.cs:\d+\)", 2)]
    [InlineData("hang", "ms of CPU time without an answer",
        @"console  at 0x[0-9a-f]+ Libsys\.Hosting\.InjectedFaults\.Commit\S* \(libsys/hosting/InjectedFaults\.cs:\d+\)", 1)]
    [InlineData("exit", "failed: exited with status 3", "console  message ", 1)]
    [InlineData("garbage", "failed: broke the ring protocol, found by vfs", "console  message ", 2)]
    public async Task An_injected_fault_is_detected_and_reported(string fault, string cause, string report, int cpus)
    {
        BootAnswer answer = await Boot.Run(
            $"s=/sys/servers/console; echo {fault} >$s/inject; while read g <$s/generation; read t <$s/state; [ $g = 1 ] || [ $t != running ]; do sleep 0.1; " +
            $"done; cat $s/generation $s/restarts $s/last_failure",
            Image.Run.TargetSystem.Microkernel, cpus);
        Assert.True(answer.ExitStatus == 0 && answer.Text.StartsWith("2\n1\n", StringComparison.Ordinal)
            && answer.Text.Contains(cause, StringComparison.Ordinal), answer.Describe("run"));
        string log = await File.ReadAllTextAsync(answer.LogPath);
        Assert.Matches(report, log);
        Assert.Contains(cause, log, StringComparison.Ordinal);
        Assert.Contains("everything that process", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_root_may_ask_and_only_for_what_there_is()
    {
        BootAnswer answer = await Boot.Run(
            "cd /sys/servers/console; ls -l restart inject | cut -c1-10; echo nonsense >inject; echo $?; cat inject; " +
            "su -s /bin/sh nobody -c 'echo crash >inject' 2>/dev/null; cat generation",
            Image.Run.TargetSystem.Microkernel);
        Assert.True(answer.ExitStatus == 0 && answer.Text.StartsWith("--w-------\n--w-------\n", StringComparison.Ordinal), answer.Describe("run"));
        Assert.EndsWith("\n1\n", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotMatch(new Regex("console failed"), await File.ReadAllTextAsync(answer.LogPath, Encoding.UTF8));
    }
}
