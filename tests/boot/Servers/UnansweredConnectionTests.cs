using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Servers;

/// <summary>
/// Servers of devices that do not answer who wants to connect: one that hangs until it is replaced, and one that never answers. Configuration "mailboxes". A
/// shell writes a message in pieces, so each of those who get one at a time writes into a file of its own.
/// </summary>
public sealed class UnansweredConnectionTests
{
    // A hang is noticed by the CPU time that it takes: with one CPU programs, which are below the servers, would only work when it is over.
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task A_server_that_hangs_is_replaced_and_who_connects_is_told_while_others_work(int cpus)
    {
        BootAnswer answer = await Run(
            """
            s=/sys/servers/mailbox; exec 3<>/dev/mailbox; echo hang >$s/inject; sleep 0.1
            (echo late >/dev/mailbox; echo opened $?) >/tmp/a 2>&1 & a=$!
            (head -c 1 <&3; echo inherited $?) >/tmp/b 2>&1 & b=$!
            i=0; while read g <$s/generation; [ $g = 1 ]; do
              i=$((i + 1)); echo x >/tmp/f; (echo y >/dev/postbox); read y </dev/postbox; [ $y = y ] || echo lost
            done
            wait $a; wait $b; cat /tmp/a /tmp/b; echo others worked $((i > 2))
            until echo again >/dev/mailbox; do sleep 0.1; done 2>/dev/null; head -c 6 /dev/mailbox
            """, cpus);
        string[] lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(answer.ExitStatus == 0 && lines[^2..].SequenceEqual(["others worked 1", "again"]), answer.Describe("run"));
        string[] told =
        [
            "/bin/sh: can't create /dev/mailbox: Input/output error", "opened 1", "head: standard input: Input/output error", "inherited 1",
        ];
        Assert.True(lines[..^2].SequenceEqual(told), answer.Describe("run"));
        Assert.Matches("mailbox hangs: .* without an answer", await File.ReadAllTextAsync(answer.LogPath));
    }

    // The connection goes on being made after the signal; the second time it has been made and has ended again before anybody used it.
    [Theory]
    [InlineData("")]
    [InlineData("echo crash >$s/inject; until [ \"$(cat $s/generation)\" = 3 ] && [ \"$(cat $s/state)\" = running ]; do sleep 0.1; done; sleep 0.2")]
    public async Task Who_was_interrupted_while_it_connected_can_connect_again(string between)
    {
        BootAnswer answer = await Run(
            $$"""
            s=/sys/servers/mailbox; trap : USR1; echo hang >$s/inject; sleep 0.1
            (sleep 0.3; kill -USR1 $$) &
            { echo never; } 2>/dev/null 3<>/dev/mailbox; echo interrupted $?
            until [ "$(cat $s/generation)" = 2 ] && [ "$(cat $s/state)" = running ]; do sleep 0.1; done; sleep 0.2
            {{between}}
            { echo hello >&3; read line <&3; echo $line; } 3<>/dev/mailbox; echo again $?
            """, 2);
        Assert.True(answer.ExitStatus == 0 && answer.Text == "interrupted 1\nhello\nagain 0\n", answer.Describe("run"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_server_that_never_answers_is_an_error_after_a_while_and_a_signal_ends_the_wait(int cpus)
    {
        BootAnswer answer = await Run(
            """
            (echo late >/dev/deaf; echo opened $?) >/tmp/a 2>&1 & a=$!
            (echo late >/dev/deaf; echo opened $?) >/tmp/b 2>&1 & b=$!
            timeout 1 cat /dev/deaf 2>/dev/null; echo signal $?
            i=0; while kill -0 $a 2>/dev/null || kill -0 $b 2>/dev/null; do
              i=$((i + 1)); echo x >/tmp/f; rm /tmp/f; echo y >/dev/postbox; [ "$(head -c 2 /dev/postbox)" = y ] || echo lost
            done
            cat /tmp/a /tmp/b; echo others worked $((i > 10)); cat /sys/servers/deaf/generation; stat -c %t /dev/deaf
            """, cpus);
        const string refused = "/bin/sh: can't create /dev/deaf: Input/output error\nopened 1\n";
        Assert.True(answer.ExitStatus == 0 && answer.Text == "signal 143\n" + refused + refused + "others worked 1\n1\nf2\n", answer.Describe("run"));
    }

    private static Task<BootAnswer> Run(string command, int cpus) => Boot.Run(new RunRequest
    {
        Command = Encoding.UTF8.GetBytes("mount -t devtmpfs none /dev\n" + command),
        Configuration = "mailboxes", Cpus = cpus, Timeout = Boot.DefaultTimeout,
    });
}
