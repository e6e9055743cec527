using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Servers;

/// <summary>
/// Several servers of programs beside vfs at a time: /dev/mailbox and /dev/postbox in the configuration "mailboxes", and the program
/// tests/programs/bare/ConnectionChecks.
/// </summary>
public sealed class SeveralServersTests
{
    private const string Fifos = "mkfifo /tmp/a /tmp/b /tmp/c; /ConnectionChecks /tmp/a /tmp/b /tmp/c";

    // Of the first of two devices whose server ends. EIO is 5, POLLERR | POLLHUP 24; a digit 9 is both of the first file.
    private const string Ended = """
        poller found 91
        epoll found 124
        reader's error 5
        the other's reader goes on 98
        write -5
        poll 1900
        poll, the others ready 3911
        the others hold 2

        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Two_devices_and_a_fifo_are_polled_inherited_and_closed_together_as_three_fifos_on_Linux(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        BootAnswer linux = await LinuxOracle.Answer(Fifos, overlay.Directory);
        Assert.True(linux.Failure is null && linux.ExitStatus == 0, linux.Describe("Linux"));
        string[] orders = ["/dev/mailbox /dev/postbox /tmp/c", "/tmp/c /dev/postbox /dev/mailbox"];
        foreach (string order in orders)
        {
            BootAnswer devices = await Run($"mkfifo /tmp/c; /ConnectionChecks {order}", cpus, overlay);
            Assert.True(
                devices.Text == linux.Text && devices.ExitStatus == 0, linux.Describe("Linux, three fifos") + devices.Describe($"microkernel, {order}"));
        }

        BootAnswer fifos = await Run(Fifos, cpus, overlay);
        Assert.True(fifos.Text == linux.Text, linux.Describe("Linux, three fifos") + fifos.Describe("microkernel, three fifos"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task When_one_of_two_servers_ends_the_other_goes_on(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        BootAnswer answer = await Run(
            "mkfifo /tmp/c; /ConnectionChecks /dev/mailbox /dev/postbox /tmp/c /sys/servers/mailbox/inject; cat /sys/servers/*box/generation", cpus, overlay);
        string again = string.Concat(Enumerable.Range(0, 6).SelectMany(_ => Enumerable.Range(0, 8), Combination));
        Assert.True(answer.ExitStatus == 0 && answer.Text == Ended + again + Ended + again + Ended + again + "4\n1\n", answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Threads_of_one_process_wait_at_three_servers(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectedThreads");
        BootAnswer linux = await LinuxOracle.Answer("mkfifo /tmp/a /tmp/b; /ConnectedThreads /tmp/a /tmp/b", overlay.Directory);
        BootAnswer devices = await Run("for i in 1 2 3; do /ConnectedThreads /dev/mailbox /dev/postbox || exit; done", cpus, overlay);
        Assert.True(
            linux.ExitStatus == 0 && devices.Text == linux.Text + linux.Text + linux.Text, linux.Describe("Linux") + devices.Describe("microkernel"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task When_a_server_ends_and_is_not_started_again_those_who_wait_and_those_who_come_are_told(int cpus)
    {
        using var overlay = new ProgramOverlay("ConnectionChecks");
        BootAnswer answer = await Run(
            "mkfifo /tmp/c; s=/sys/servers/postbox; /ConnectionChecks /dev/postbox /dev/mailbox /tmp/c $s/inject last; cat $s/state", cpus, overlay);
        const string expected = Ended + """
            open -5
            read -5
            read by a child -5
            poll 1900
            failed

            """;
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("run"));
    }

    // What poll finds of a combination of three files, and how many bytes were there.
    private static string Combination(int order, int ready)
    {
        int count = int.PopCount(ready);
        int found = count * 1000 + (ready & 1) * 100 + (ready >> 1 & 1) * 10 + (ready >> 2);
        return $"opened again {(order * 10 + ready) * 10000 + found}\nholds {count}\n";
    }

    private static Task<BootAnswer> Run(string command, int cpus, ProgramOverlay? overlay = null) => Boot.Run(new RunRequest
    {
        Command = Encoding.UTF8.GetBytes("mount -t devtmpfs none /dev\n" + command),
        Configuration = "mailboxes", Cpus = cpus, Overlay = overlay?.Directory, Timeout = Boot.DefaultTimeout,
    });
}
