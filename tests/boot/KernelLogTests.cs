using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>The kernel's log as programs see it: dmesg(1) by syslog(2), and /proc/kmsg.</summary>
public sealed class KernelLogTests
{
    [Fact]
    public async Task Dmesg_shows_what_the_kernel_and_the_servers_said_since_boot()
    {
        BootAnswer answer = await Boot.Run("dmesg; echo; dmesg -r | cut -c1-4 | uniq", TargetSystem.Microkernel);
        Assert.True(answer.ExitStatus == 0, answer.Describe("run"));
        string[] parts = answer.Text.Split("\n\n");
        string[] lines = parts[0].Split('\n');
        Assert.Matches(@"^\[    0\.0\d{5}\] kernel: boot$", lines[0]);
        Assert.Matches(@"^\[    0\.\d{6}\] kernel: iommu registers=0xfed90000$", lines[1]);
        Assert.Matches(@"^\[    0\.\d{6}\] kernel: ready cpus=2 ", lines[2]);
        Assert.Contains(lines, line => line.EndsWith("console: 3 serial lines", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Matches(@"^\[[ \d]{5}\.\d{6}\] [a-z]+(/\d+)?: ", line));
        Assert.Equal("<6>[\n", parts[1]);

        // The file that the run names holds the same, and what came later.
        Assert.StartsWith(parts[0], await File.ReadAllTextAsync(answer.LogPath), StringComparison.Ordinal);
    }

    [Fact]
    public Task What_dmesg_may_do_and_for_whom_is_as_on_Linux() => LinuxOracle.SameAsLinux(
        """
        exec 2>&1
        ask() { su -s /bin/sh nobody -c "$1"; echo "nobody, $1: $?"; }
        ask 'dmesg | wc -l'
        ask 'dmesg -c | wc -l'
        ask 'dmesg -n 1'
        ask 'head -c 10 /proc/kmsg'
        for level in 0 1 8 9; do dmesg -n $level; echo "level $level: $?"; done
        stat -c '%A %u %g %s %F' /proc/kmsg
        cat /proc/sys/kernel/dmesg_restrict
        dmesg | head -3 | wc -l
        dmesg -c | head -3 | wc -l
        dmesg | wc -l
        echo x >/proc/kmsg; echo "write: $?"
        """,
        cpus: 2);

    [Fact]
    public async Task Reading_the_file_consumes_and_then_waits()
    {
        BootAnswer answer = await Boot.Run(
            """
            exec 2>/dev/null
            dd bs=31 count=1 if=/proc/kmsg
            timeout 1 cat /proc/kmsg >/tmp/rest; echo " status $?"
            grep -c 'kernel: boot' /tmp/rest
            grep -c '^<6>\[ .*serial lines$' /tmp/rest
            timeout 1 cat /proc/kmsg | wc -c
            dmesg | grep -c 'kernel: boot'
            (sleep 0.5; echo crash >/sys/servers/console/inject) &
            timeout 5 head -n 1 /proc/kmsg | grep -c console
            """,
            TargetSystem.Microkernel);
        Assert.True(answer.ExitStatus == 0, answer.Describe("run"));
        Assert.Matches(@"^<6>\[    0\.0\d{5}\] kernel: boot\n status 143\n0\n1\n0\n1\n1\n$", answer.Text);
    }
}
