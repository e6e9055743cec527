using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Files;

/// <summary>
/// Files with a store in a boot: configuration "disk" has tests/servers/vfs-disk in place of vfs, with a disk that takes its time and a page cache of 8 MiB.
/// What Linux can do too its tmpfs answers.
/// </summary>
[Trait("Stage", "6")]
public sealed class StoreBootTests
{
    private const string MountDisk = "mount -t devtmpfs none /dev; mknod /tmp/disk c 241 0; mkdir -p /m; mount -t testdisk none /m\n";
    private const string MountMemory = "mkdir -p /m; mount -t tmpfs none /m\n";

    // Twice for the marks of use, which an eviction takes first.
    private const string Evict = "sync; echo evict >/tmp/disk; echo evict >/tmp/disk\n";

    [Theory]
    [InlineData("b", 1)]
    [InlineData("b", 2)]
    [InlineData("f", 2)]
    [InlineData("p", 1)]
    [InlineData("p", 2)]
    [InlineData("p", 4)]
    public async Task A_file_of_a_disk_shows_what_one_of_Linux_shows(string mode, int cpus)
    {
        using var overlay = new ProgramOverlay("StoreChecks");
        string command = $"/StoreChecks {mode} /m/file; echo status $?";
        BootAnswer linux = await LinuxOracle.Answer(MountMemory + command, overlay.Directory);
        BootAnswer disk = await Run(command, cpus, overlay);
        Assert.True(linux.Failure is null && disk.Text == linux.Text, linux.Describe("Linux, a tmpfs") + disk.Describe("microkernel, the disk"));
        // The disk has no chance if all stays in memory.
        BootAnswer memory = await Boot.Run(MountMemory + command, TargetSystem.Microkernel, cpus, overlay.Directory);
        Assert.True(memory.Text == linux.Text, linux.Describe("Linux, a tmpfs") + memory.Describe("microkernel, a tmpfs"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Files_four_times_as_large_as_the_cache_come_back_as_they_were_written(int cpus)
    {
        // Written by two at once, read back after eviction and after a mount anew, in part through mappings: cmp of busybox reads, sort and execution map.
        BootAnswer answer = await Run($"""
            dd if=/dev/urandom of=/tmp/seed bs=1M count=1 2>/dev/null
            make() {"{"} i=0; while [ $i -lt 16 ]; do cat /tmp/seed; echo $1 $i; i=$((i + 1)); done; {"}"}
            make a | sha256sum >/tmp/sums; make b | sha256sum >>/tmp/sums
            cd /m
            make a >a & make b >b & wait
            for f in a b; do sha256sum <$f; done >/tmp/first; cmp /tmp/sums /tmp/first && echo first
            {Evict}
            for f in a b; do sha256sum <$f; done >/tmp/second; cmp /tmp/sums /tmp/second && echo evicted
            cd /; umount /m; mount -t testdisk none /m; cd /m
            sha256sum <a >/tmp/a & sha256sum <b >/tmp/b & wait
            cat /tmp/a /tmp/b | cmp - /tmp/sums && echo mounted anew
            rm a; sync; cp b c; cmp b c && echo copied; rm b c
            sed 's/.*cached \([0-9]*\) .*/cached \1/' /tmp/disk; n=$(sed 's/.*reclaimed \([0-9]*\) .*/\1/' /tmp/disk); [ $n -gt 12000 ] && echo reclaimed
            """, cpus);
        Assert.True(answer.Text == "first\nevicted\nmounted anew\ncopied\ncached 0\nreclaimed\n", answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_mappings_write_reaches_the_disk_by_msync_fsync_sync_and_reclaim_again_and_again(int cpus)
    {
        using var overlay = new ProgramOverlay("StoreChecks");
        const string expected = """
            fsync 0
            stored, and on the disk 1
            msync of another page 0
            on the disk 2
            the time has changed 1
            msync of nothing new 0
            the time has changed 0
            msync 0
            on the disk 3
            fsync 0
            on the disk 4
            sync, and on the disk 5
            msync after close 0
            on the disk 6
            msync of what was moved 0
            on the disk 7
            msync by a child 0
            on the disk 8
            taken from the mapping, and still 9
            unmapped, sync, and on the disk 10

            """;
        BootAnswer answer = await Run("/StoreChecks m /m/file", cpus, overlay);
        Assert.True(answer.Text == expected, answer.Describe("run"));
    }

    [Fact]
    public async Task What_a_mapping_has_written_reaches_the_disk_by_age()
    {
        using var overlay = new ProgramOverlay("StoreChecks");
        BootAnswer answer = await Run("/StoreChecks a /m/file", 2, overlay);
        Assert.True(answer.Text == "young, and on the disk 1\nold, and on the disk 2\n", answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Errors_of_the_disk_are_EIO_and_SIGBUS_and_those_of_write_back_are_told_once_to_each_description(int cpus)
    {
        using var overlay = new ProgramOverlay("StoreChecks");
        // EIO is 5, SIGBUS 7, EFAULT 14.
        const string expected = """
            msync -5
            again 0
            fsync by its description 0
            fsync by another -5
            again 0
            msync, its description is closed -5
            again 0
            msync by a child 5
            and by its parent 0
            opened later, and told 0
            good again 0
            fsync by another -5
            on the disk 71
            read -5
            load 7
            store 7
            write of a part -5
            load, good again 71
            read 71
            read into a mapping that fails -14
            load 71

            """;
        BootAnswer answer = await Run("/StoreChecks e /m/file", cpus, overlay);
        Assert.True(answer.Text == expected, answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Who_is_killed_while_a_page_is_on_its_way_leaves_nothing_behind(int cpus)
    {
        using var overlay = new ProgramOverlay("StoreChecks");
        BootAnswer answer = await Run("/StoreChecks k /m/file", cpus, overlay);
        Assert.True(answer.Text == "not killed 0\naccesses left 0\nhandles changed 0\nwrong pages 0\n", answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_program_that_lies_on_the_disk_runs(int cpus)
    {
        BootAnswer answer = await Run($"""
            cp /bin/busybox /m/busybox
            {Evict}
            /m/busybox sh -c 'echo started; exec /m/busybox wc -c' </m/busybox
            for i in 1 2 3; do
            echo evict >/tmp/disk; /m/busybox sha256sum /m/busybox | cut -c 1-64 & /m/busybox seq 3 | /m/busybox tail -n 1; wait
            done >/tmp/out
            s=$(sha256sum </bin/busybox | cut -c 1-64); printf "3\n$s\n3\n$s\n3\n$s\n" | sort >/tmp/expected
            sort /tmp/out | cmp - /tmp/expected && echo same
            umount /m || echo in use; wc -c </bin/busybox
            """, cpus);
        string[] lines = answer.Text.Split('\n');
        Assert.True(lines.Length == 5 && lines[0] == "started" && lines[1] == lines[3] && lines[2] == "same", answer.Describe("run"));
    }

    [Fact]
    public async Task A_disk_that_is_written_over_and_over_leaves_the_memory_as_it_was()
    {
        using var overlay = new ProgramOverlay("StoreChecks");
        // The first look leaves one handle behind it, which the later ones find: what is made when something is first used.
        BootAnswer answer = await Run($"""
            i=0; while [ $i -lt 6 ]; do
            /StoreChecks p /m/file >/dev/null; rm /m/file; i=$((i + 1)); sync
            [ $i -gt 2 ] && sed -n 's/.*cached \([0-9]*\) .*files \([0-9]*\) handles \([0-9]*\)/\1 \2 \3/p' /tmp/disk
            done
            """, 2, overlay);
        string[] lines = answer.Text.TrimEnd().Split('\n');
        Assert.True(lines.Length == 4 && lines[1..].Distinct().Count() == 1 && lines[1].StartsWith("0 1 ", StringComparison.Ordinal), answer.Describe("run"));
    }

    private static Task<BootAnswer> Run(string command, int cpus, ProgramOverlay? overlay = null) => Boot.Run(new RunRequest
    {
        Command = Encoding.UTF8.GetBytes(MountDisk + command),
        Configuration = "disk", Cpus = cpus, Overlay = overlay?.Directory, Timeout = Boot.DefaultTimeout,
    });
}
