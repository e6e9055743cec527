namespace Microkernel.Boot.Tests.Busybox;

/// <summary>Whole trees of files.</summary>
[Trait("Stage", "6")]
public sealed class FileTreeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task The_root_file_system_holds_the_same_names(int cpus) =>
        LinuxOracle.SameAsLinux("find / -path /proc -prune -o -path /sys -prune -o -path /tmp -prune -o -print | sort >/tmp/names; wc -l </tmp/names; " +
            "grep -v /run/session /tmp/names", cpus);

    /// <summary>
    /// Nothing is left out of the tree here. /proc/PID comes and goes with the commands themselves, and Linux' /proc and /sys describe devices and settings
    /// that do not exist here, so of these two every name must be one of Linux', except the servers.
    /// </summary>
    [Fact]
    public async Task The_whole_tree_has_no_name_that_Linux_does_not_have()
    {
        const string Command = "find / | grep -v '^/proc/[0-9]' | sort";
        BootAnswer linux = await LinuxOracle.Answer(Command);
        BootAnswer here = await Boot.Run(Command, Image.Run.TargetSystem.Microkernel);
        Assert.True(here.Failure is null && linux.Failure is null, here.Describe("microkernel"));
        string[] ours = here.Text.Split('\n'), theirs = linux.Text.Split('\n');
        Assert.Equal([], ours.Except(theirs).Where(name => !name.StartsWith("/sys/servers", StringComparison.Ordinal)));
        Assert.Equal([],
            theirs.Except(ours).Where(name => !name.StartsWith("/proc/", StringComparison.Ordinal) && !name.StartsWith("/sys/", StringComparison.Ordinal)));
        Assert.Contains("/sys/servers/vfs/state", ours);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task The_root_file_system_has_the_same_types_modes_owners_and_content(int cpus) =>
        LinuxOracle.SameAsLinux("find /bin /dev /etc /usr -path /dev/pts -prune -o -exec stat -c '%n %F %a %u %g %t %T %Y' {} + | grep -v ttyS | sort; " +
            "find /bin /etc /init -type f -exec md5sum {} + | sort", cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Tar_to_a_file_and_back(int cpus) =>
        LinuxOracle.SameAsLinux("cd /tmp && tar cf bin.tar -C / bin && mkdir out && tar xf bin.tar -C out && diff -r /bin out/bin && echo same; " +
            "ls out/bin | wc -l", cpus);
}
