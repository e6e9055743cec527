using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Servers;

/// <summary>
/// Descriptors whose data another server than vfs has: /dev/mailbox of tests/servers/mailbox, in the configuration "mailbox", and the program
/// tests/programs/bare/ConnectionChecks.
/// </summary>
public sealed class ServedDeviceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_device_of_another_server_is_read_polled_inherited_and_closed_as_a_fifo_on_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        BootAnswer linux = await LinuxOracle.Answer("mkfifo /tmp/box; /ConnectionChecks /tmp/box", overlay.Directory);
        Assert.True(linux.Failure is null && linux.ExitStatus == 0, linux.Describe("Linux"));
        BootAnswer device = await Run("/ConnectionChecks /dev/mailbox", cpus, overlay);
        Assert.True(device.Text == linux.Text && device.ExitStatus == 0, linux.Describe("Linux, a fifo") + device.Describe("microkernel, the device"));
        BootAnswer fifo = await Run("mkfifo /tmp/box; /ConnectionChecks /tmp/box", cpus, overlay);
        Assert.True(fifo.Text == linux.Text, linux.Describe("Linux, a fifo") + fifo.Describe("microkernel, a fifo"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Threads_of_one_process_wait_at_several_servers(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectedThreads");
        BootAnswer linux = await LinuxOracle.Answer("mkfifo /tmp/box; /ConnectedThreads /tmp/box", overlay.Directory);
        BootAnswer device = await Run("for i in 1 2 3; do /ConnectedThreads /dev/mailbox || exit; done", cpus, overlay);
        Assert.True(linux.ExitStatus == 0 && device.Text == linux.Text + linux.Text + linux.Text, linux.Describe("Linux") + device.Describe("microkernel"));
    }

    [Fact]
    public async Task The_manifest_makes_the_nodes_and_programs_find_them()
    {
        BootAnswer answer = await Run("""
            stat -c '%A %U %t %T' /dev/mailbox /dev/mailbox-root
            mkdir /d; mount -t devtmpfs d /d; ls /d | grep mailbox
            echo hello >/dev/mailbox; head -c 6 /dev/mailbox
            exec 3<>/dev/mailbox; echo 1 2 | xargs -n 1 sh -c 'echo $0 >&3'; head -c 4 <&3; readlink /proc/self/fd/3
            mknod /tmp/m c 240 0; echo by another name >/tmp/m; head -c 16 <&3
            """, 2);
        const string expected = "crw-rw-rw- root f0 0\ncrw------- root f0 1\nmailbox\nmailbox-root\nhello\n1\n2\n/dev/mailbox\nby another name\n";
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_server_sees_each_description_closed_once_and_who_opened_it(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        const string expected = """
            closed 11
            child wrote 1
            child's end closes nothing 0
            closed by both 11
            closed by exit 11
            killed 1009
            closed by a signal 11
            nothing was eaten 1121
            executed 0
            closed by exec 11
            not for everybody -13
            opener 0
            user 1234
            group 1234
            root's own 1

            """;
        BootAnswer answer = await Run("/ConnectionChecks /dev/mailbox c", cpus, overlay);
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task When_the_server_ends_readers_and_pollers_are_told_and_new_descriptions_work(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        // EIO is 5; POLLERR | POLLHUP is 24.
        const string round = """
            before: write and read 33111
            reader's error 5
            poller found 124
            write -5
            and again -5
            poll 124
            opened again: write and read 33110
            nothing there 0
            the old one -5
            the oldest -5

            """;
        BootAnswer answer = await Run("/ConnectionChecks /dev/mailbox r", cpus, overlay);
        Assert.True(answer.ExitStatus == 0 && answer.Text == round + round + round, answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_was_not_granted_cannot_be_used_whatever_stands_in_the_rings(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        const string expected = """
            handles that were not granted 0
            slots of nobody 0
            grants of others 0
            a handle after close 0
            a handle that means something else now 0
            a buffer outside the pool 0
            more poll entries than there are 0
            a poll of what is not there 0
            operations that are vfs' alone 0
            noise in the indices 0
            servers that there are not 0
            nothing was lost 6115

            """;
        BootAnswer answer = await Run("/ConnectionChecks /dev/mailbox h", cpus, overlay);
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("run"));
        string log = await File.ReadAllTextAsync(answer.LogPath);
        Assert.Contains("broke the ring protocol and is closed", log, StringComparison.Ordinal);
    }

    // Linux' judge is a device that can be read and written, and whose driver knows no splice(2) either.
    [Fact]
    public async Task Bytes_do_not_go_from_or_to_a_device_without_the_program_as_on_Linux()
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        const string mount = "mount -t devtmpfs none /dev; ", clock = "/ConnectionChecks /dev/rtc0 u";
        BootAnswer linux = await LinuxOracle.Answer(mount + "/ConnectionChecks /dev/kmsg t; " + clock, overlay.Directory);
        Assert.True(linux.Failure is null && linux.ExitStatus == 0, linux.Describe("Linux"));
        BootAnswer box = await Run("/ConnectionChecks /dev/mailbox t", 2, overlay);
        BootAnswer rtc = await Boot.Run(mount + clock, TargetSystem.Microkernel, 2, overlay.Directory);
        Assert.True(box.Text + rtc.Text == linux.Text, linux.Describe("Linux") + box.Describe("the mailbox") + rtc.Describe("the clock"));
    }

    [Fact]
    public async Task Servers_have_no_more_than_their_own_devices()
    {
        BootAnswer answer = await Run("until dmesg | grep -q 'forger: .* attempts'; do sleep 0.1; done", 2);
        Assert.True(answer.ExitStatus == 0, answer.Describe("run"));
        string log = await File.ReadAllTextAsync(answer.LogPath);
        Assert.Matches(@"mailbox: 1\d attempts, 0 with another end than expected", log);
        Assert.Matches(@"forger: 3\d attempts, 0 with another end than expected", log);
    }

    private static Task<BootAnswer> Run(string command, int cpus, ProgramOverlay? overlay = null) => Boot.Run(new RunRequest
    {
        Command = Encoding.UTF8.GetBytes("mount -t devtmpfs none /dev\n" + command),
        Configuration = "mailbox", Cpus = cpus, Overlay = overlay?.Directory, Timeout = Boot.DefaultTimeout,
    });
}
