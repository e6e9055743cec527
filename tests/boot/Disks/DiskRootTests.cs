using System.Diagnostics;
using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>A root file system on a disk: <c>ROOT=[WHAT,]ext4[=FILE]</c>.</summary>
public sealed class DiskRootTests : IDisposable
{
    // Everything that programs can see of the root, but times of access and what the session has in memory.
    private const string Tree =
        """
        cd /; find . -xdev \( -path ./lost+found -o -path ./dev -o -path ./proc -o -path ./sys -o -path ./run \) -prune \
            -o -printf '%p %y %m %n %U %G %T@ %l' \( -type f -printf ' %s' -o -true \) -printf '\n' | sort
        find . -xdev -type f | sort | xargs -d '\n' cat | sha256sum
        """;

    private readonly string directory = Directory.CreateTempSubdirectory("disk-root-").FullName;

    private string Disk => Path.Combine(directory, "root,disk.img");

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task What_is_written_stays_and_both_systems_go_on_from_it()
    {
        string root = "disks,ext4=" + Disk;
        // Somebody is left behind who writes and works where the file system is to end.
        BootAnswer first = await Run(root, TargetSystem.Microkernel,
            """
            stat -c '%n %U %G %a' /etc/shadow /usr/bin/passwd /tmp /root /usr/bin/chage; grep -c . /proc/mounts; grep ' / ' /proc/mounts
            cp -a /etc /var/copy; tar -C / -cf /home/etc.tar etc; ln /home/etc.tar /home/second; chown 12:34 /home/second; mkfifo /opt/fifo
            seq 100000 >/srv/numbers; rm -r /usr/share/doc; echo 'echo runs from the disk' >/usr/bin/made; chmod +x /usr/bin/made
            (cd /home; exec 1>&- 2>&-; while :; do date >>log; mv log log2; mv log2 log; sleep 0.1; done) &
            exec 3>/home/kept; rm /home/kept; echo text >&3; made; exit 7
            """);
        Assert.True(first is { ExitStatus: 7, Failure: null }, first.Describe("microkernel"));
        Assert.Equal(
            "/etc/shadow root shadow 640\n/usr/bin/passwd root root 4755\n/tmp root root 1777\n/root root root 700\n/usr/bin/chage root shadow 2755\n6\n" +
            "/dev/vda / ext4 rw,relatime 0 0\nruns from the disk\n", first.Text);
        Check();
        BootAnswer linux = await Run(root, TargetSystem.Linux, Tree), here = await Run(root, TargetSystem.Microkernel, Tree);
        Assert.True(linux.Failure is null && here.Failure is null, linux.Describe("Linux") + here.Describe("microkernel"));
        Assert.Equal(linux.Text, here.Text);
        Assert.Contains("./home/second f 644 2 12 34 ", here.Text);
        // Linux writes, and this system goes on; the file alone is enough as the name.
        await Run(root, TargetSystem.Linux, "cp -a /etc /var/other; made >/srv/said");
        Check();
        BootAnswer last = await Run(Disk, TargetSystem.Microkernel, "diff -r --no-dereference /etc /var/other && cat /srv/said; rm -r /var/other; sync");
        Assert.True(last.Text == "runs from the disk\n", last.Describe("microkernel"));
        Check();
    }

    /// <summary>Without a file what is written goes with the run; a machine that is switched off in the middle leaves a root that begins again.</summary>
    [Fact]
    public async Task A_root_that_was_left_is_replayed_and_one_without_a_file_is_new()
    {
        const string leave = "echo here >/etc/left && sync; cp -a /bin/busybox /home/; cat /etc/left; /run/session/busybox poweroff -nf; sleep 100";
        foreach (string root in (string[])["ext4=" + Disk, "ext4"])
        {
            BootAnswer left = await Run(root, TargetSystem.Microkernel, leave);
            Assert.True(left.Text == "here\n", left.Describe("microkernel"));
            BootAnswer next = await Run(root, TargetSystem.Microkernel, "cat /etc/left 2>/dev/null; [ ! -e /home/busybox ] || cmp /home/busybox /bin/busybox");
            Assert.True(next.Failure is null && next.Text == (root == "ext4" ? "" : "here\n"), next.Describe(root));
        }

        Check();
    }

    /// <summary>Programs run, start and read from the root while its driver ends in each way: they are told of nothing.</summary>
    [Theory]
    [InlineData("crash")]
    [InlineData("hang")]
    public async Task Programs_that_run_from_the_root_notice_nothing_of_the_end_of_its_driver(string fault)
    {
        BootAnswer answer = await Run("disks,ext4=" + Disk, TargetSystem.Microkernel,
            $$"""
            s=/sys/servers/virtio-blk
            fault() {
                want=$(($(cat $s/restarts) + 1))
                until [ "$(cat $s/restarts)" -ge $want ]; do echo {{fault}} >$s/inject; sleep 1; done 2>/dev/null
                until [ "$(cat $s/state)" = running ]; do :; done
            }
            find /usr/bin /usr/sbin -type f | sort >/tmp/names
            for round in 1 2 3; do
                fault & xargs sha256sum </tmp/names | sha256sum >/tmp/sum$round
                perl -e 'use POSIX; print POSIX::floor(41.5) + 1, "\n"'; cp -a /usr/bin /home/bin$round; sync
                /home/bin$round/diff -r --no-dereference /usr/bin /home/bin$round; rm -r /home/bin$round; wait
            done
            cmp /tmp/sum1 /tmp/sum2; cmp /tmp/sum2 /tmp/sum3; [ $(cat $s/restarts) -ge 3 ] && echo restarted
            """);
        Assert.True(answer is { ExitStatus: 0, Failure: null }, answer.Describe("microkernel"));
        Assert.Equal("42\n42\n42\nrestarted\n", answer.Text);
        Check();
    }

    [Fact]
    public async Task A_disk_that_cannot_be_mounted_is_no_session_and_the_log_says_why()
    {
        await Run("ext4=" + Disk, TargetSystem.Microkernel, "true");
        using (FileStream disk = File.OpenWrite(Disk))
        {
            disk.Position = 1024 + 0x60; // s_feature_incompat
            disk.Write([0xff, 0xff, 0xff, 0xff]);
        }

        BootAnswer answer = await Run(Disk, TargetSystem.Microkernel, "true");
        Assert.True(answer.ExitStatus == RunStatus.NoSession, answer.Describe("microkernel"));
        Assert.Contains("ended before the session", answer.Failure);
        string console = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(answer.LogPath)!, "console.log"));
        Assert.Contains("there is no root file system on /dev/vda", console);
        Assert.Contains("ext4", await File.ReadAllTextAsync(answer.LogPath));
    }

    private void Check()
    {
        string path = File.Exists("/usr/sbin/e2fsck") ? "/usr/sbin/e2fsck" : "/sbin/e2fsck";
        using Process process = Process.Start(new ProcessStartInfo(path, ["-fn", Disk]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"e2fsck: {process.ExitCode}\n{output}");
    }

    private static Task<BootAnswer> Run(string root, TargetSystem system, string command) => Boot.Run(new RunRequest
    {
        Command = Encoding.UTF8.GetBytes(command), System = system, Cpus = 2, Root = root, Timeout = Boot.DefaultTimeout,
    });
}
