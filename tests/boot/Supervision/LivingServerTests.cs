using System.Text.RegularExpressions;

namespace Microkernel.Boot.Tests.Supervision;

/// <summary>
/// A server of devices outlives sessions with descriptions, readers, pollers and a table of grants in use: nothing of them is left, and its device works in the
/// next session. Configuration "mailboxes", tests/programs/bare/ConnectionChecks.
/// </summary>
public sealed partial class LivingServerTests
{
    [Theory]
    [InlineData("vfs", "crash", false)]
    [InlineData("process", "exit", false)]
    [InlineData("vfs", "garbage", false)]
    [InlineData("process", "hang", false)]
    [InlineData("vfs", "crash", true)]
    public async Task Nothing_of_a_session_is_left_at_a_server_of_devices(string server, string fault, bool serverHangs)
    {
        const int sessions = 3;
        using var overlay = new ProgramOverlay("ConnectionChecks");
        using InteractiveRun run = InteractiveRun.Start(overlay.Directory, "mailboxes");
        for (int session = 0; session < sessions; session++)
        {
            await run.Command("mount -t devtmpfs none /mnt; for b in mailbox postbox; do /ConnectionChecks /mnt/$b n; done");
            // The work of a whole run, as at first: what it prints does not depend on the session.
            await run.Command("/ConnectionChecks /mnt/mailbox | md5sum; echo work-$((1 + 1))");
            await run.WaitFor("work-2");
            await run.Command("/ConnectionChecks /mnt/mailbox w & /ConnectionChecks /mnt/postbox w & for i in 1 2; do read line; done");
            await run.WaitFor("waiting 15");
            await run.WaitFor("waiting 15");
            run.Type("\r\r");
            if (serverHangs && session == 0)
                await run.Command("echo hang >/sys/servers/mailbox/inject");
            await run.Command($"echo {fault} >/sys/servers/{server}/inject; cat");
            await run.WaitFor("built-in shell");
            run.Type("\r");
            if (!serverHangs || session > 0)
                continue;
            await run.Command("until [ \"$(cat /sys/servers/mailbox/generation)\" = 2 ]; do sleep 0.1; done; echo replaced-$((1 + 1))");
            await run.WaitFor("replaced-2");
            run.Type("\r");
        }

        await run.PowerOff();
        MatchCollection ends = Ended().Matches(run.Log);
        Assert.Equal(sessions, ends.Count);
        // While the server hangs it keeps what the session paid for, and a fresh one does not wait for it longer than a second.
        Assert.All(ends.Skip(serverHangs ? 1 : 0), end =>
        {
            Assert.DoesNotMatch(@"[ -][1-9]\d* (frames|handles)", end.Groups["above"].Value);
            Assert.Equal(end.Groups["first"].Value, end.Groups["now"].Value);
        });
        Assert.Equal([.. Enumerable.Repeat("0", sessions * 2)], Open().Matches(run.Output).Select(match => match.Groups[1].Value));
        Assert.Single(Handles().Matches(run.Output).Select(match => match.Groups[1].Value).Distinct());
        Assert.Equal(sessions, Sums().Count(run.Output));
        Assert.Single(Sums().Matches(run.Output).Select(match => match.Value).Distinct());
    }

    [Fact]
    public async Task A_fresh_session_begins_without_a_server_that_is_not_started_again()
    {
        using InteractiveRun run = InteractiveRun.Start(configuration: "mailboxes");
        await run.Command("echo crash >/sys/servers/postbox/inject; until grep failed /sys/servers/postbox/state; do sleep 0.1; done; echo gone-$((1 + 1))");
        await run.WaitFor("gone-2");
        await run.Command("echo crash >/sys/servers/vfs/inject; cat");
        await run.WaitFor("built-in shell");
        run.Type("\r");
        await run.Command("mount -t devtmpfs none /mnt; echo x >/mnt/postbox; echo y >/mnt/mailbox; echo got-$(head -c 1 /mnt/mailbox)-$((1 + 1))");
        await run.WaitFor("No such device or address");
        await run.WaitFor("got-y-2");
        run.Type("\r");
        await run.PowerOff();
    }

    [GeneratedRegex(@"the session ended \d+ ms after \w+ failed; above the beginning:(?<above>[^;]*); supervisor holds (?<now>\d+) handles, " +
        @"at first (?<first>\d+);")]
    private static partial Regex Ended();

    [GeneratedRegex(@"\bopen (-?\d+)\b")]
    private static partial Regex Open();

    [GeneratedRegex(@"\bhandles (-?\d+)\b")]
    private static partial Regex Handles();

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Sums();
}
