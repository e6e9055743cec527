using Microkernel.Boot.Tests.Disks;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Keeping;

/// <summary>A server that tries to get more than keeping gives it, and that does another harm (tests/servers/grabber).</summary>
public sealed class KeepingRightsTests
{
    [Fact]
    public async Task A_server_has_its_own_names_and_no_more_and_what_kills_is_left_behind()
    {
        // First a request that kills whoever serves it, then a state that kills whoever opens it.
        const string Command = """
            s=/sys/servers
            echo crash >$s/grabber/inject
            until dmesg | grep -q 'grabber: the request that kills'; do sleep 0.1; done
            echo 1 >$s/counter/restart
            while read g <$s/counter/generation; read t <$s/counter/state; [ $g != 4 ] || [ $t != running ]; do sleep 0.1; done
            echo crash >$s/grabber/inject
            until dmesg | grep -q 'grabber: after the damage'; do sleep 0.1; done
            cat $s/counter/generation
            grep -o '^rootfs.*size=[0-9]*k' /proc/mounts
            dd if=/dev/zero of=/tmp/all bs=1M count=80 2>&1 | grep -c 'No space left'
            """;
        using var disk = new TestDisk(1 << 20, seed: 1);
        BootAnswer answer = await Boot.Run(new RunRequest { Command = System.Text.Encoding.UTF8.GetBytes(Command), Configuration = "grabbing", Cpus = 2,
            Timeout = Boot.DefaultTimeout, Disks = [disk.Attached(DiskKind.Virtio)] });
        Assert.True(answer.ExitStatus == 0 && answer.Text == "7\nrootfs / rootfs rw,size=65536k\n1\n", answer.Describe("run"));
        string log = await File.ReadAllTextAsync(answer.LogPath);
        Assert.Matches(@"grabber: 5\d attempts, 0 with another end than expected", log);
        Assert.Matches(@"grabber: 79 wishes, 0 with another end than expected", log);
        Assert.Matches(@"grabber: 3\d grants, 0 with another end than expected", log);
        Assert.Matches(@"grabber: 7\d functions and registers, 0 with another end than expected", log);
        Assert.Contains("the request that kills ended with -5, those around it with 0 and 0; counted 3, sum 21", log, StringComparison.Ordinal);
        Assert.Contains("counter: 3 processes in a row ended soon: what it kept under 2 names is released", log, StringComparison.Ordinal);
        Assert.Contains("after the damage the counter begins again: counted 0, sum 0, 3 generations later", log, StringComparison.Ordinal);
    }
}
