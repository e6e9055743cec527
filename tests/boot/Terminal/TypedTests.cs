using System.Text;

namespace Microkernel.Boot.Tests.Terminal;

/// <summary>The console as a person uses it.</summary>
[Trait("Stage", "6")]
public sealed class TypedTests
{
    [Fact]
    public async Task Keys_interrupt_stop_and_continue_programs()
    {
        await using TypedSession session = await TypedSession.Start();
        await StartSleeping(session);
        await session.Type("\x03");
        await session.Expect(@"\^C");
        await session.Expect(TypedSession.Prompt);
        Assert.Contains("130", await session.Run("echo $?"), StringComparison.Ordinal);
        await StartSleeping(session);
        await session.Type("\x1a");
        await session.Expect("Stopped");
        await session.Expect(TypedSession.Prompt);
        Assert.Contains("Stopped", await session.Run("jobs"), StringComparison.Ordinal);
        await session.Run("bg");
        Assert.Contains("Running", await session.Run("jobs"), StringComparison.Ordinal);
        await session.Type("fg\r");
        await session.Expect("sleep 1000");
        await session.Type("\x03");
        await session.Expect(TypedSession.Prompt);
        Assert.DoesNotContain("sleep", await session.Run("jobs"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cat_ends_at_the_end_of_file_key()
    {
        await using TypedSession session = await TypedSession.Start();
        await session.Type("sh -c 'echo ready; exec cat'\r");
        await session.Expect("\nready\r+\n");
        await session.Type("some\x7f\x7fng\r");
        await session.Expect("song\r+\n");
        await session.Type("\x04");
        await session.Expect(TypedSession.Prompt);
    }

    [Fact]
    public async Task Vi_edits_and_saves()
    {
        await using TypedSession session = await TypedSession.Start();
        await session.Type("vi /tmp/poem\r");
        await session.Expect(@"~[\s\S]*~[\s\S]*/tmp/poem");
        await session.Type("ifirst line\rsecond line\x1b");
        await session.Expect("second line");
        await session.Type(":wq\r");
        await session.Expect(TypedSession.Prompt);
        Assert.Contains("first line\nsecond line\n", await session.Run("cat /tmp/poem"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Less_pages_through_a_file()
    {
        await using TypedSession session = await TypedSession.Start();
        await session.Run("seq 1 500 >/tmp/numbers");
        await session.Type("less /tmp/numbers\r");
        await session.Expect("20\r+\n");
        await session.Type(" ");
        await session.Expect("40\r+\n");
        await session.Type("G");
        await session.Expect("500");
        await session.Type("q");
        await session.Expect(TypedSession.Prompt);
    }

    [Fact]
    public async Task Top_refreshes_and_quits()
    {
        await using TypedSession session = await TypedSession.Start();
        await session.Type("top -d 1\r");
        await session.Expect("Mem:");
        await session.Expect("Mem:");
        await session.Type("q");
        await session.Expect(TypedSession.Prompt);
    }

    [Fact]
    public async Task Settings_show_the_size_of_the_window_and_come_back_after_raw_mode()
    {
        await using TypedSession session = await TypedSession.Start(rows: 40, columns: 100);
        string settings = await session.Run("stty -a");
        Assert.Contains("rows 40; columns 100", settings, StringComparison.Ordinal);
        Assert.Contains(" icanon ", settings, StringComparison.Ordinal);
        Assert.Contains("-icanon", await session.Run("stty raw; stty -a; stty sane"), StringComparison.Ordinal);
        Assert.Contains(" icanon ", await session.Run("stty -a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_size_is_told_to_the_program_in_the_foreground()
    {
        await using TypedSession session = await TypedSession.Start();
        await session.Type("(sleep 2; stty rows 50 cols 132) & sh -c \"trap 'stty size; exit' WINCH; while :; do sleep 0.1; done\"\r");
        await session.Expect("50 132");
    }

    [Fact]
    public async Task A_paste_of_10000_lines_arrives_without_a_lost_byte()
    {
        await using TypedSession session = await TypedSession.Start();
        var lines = new StringBuilder();
        for (int number = 0; number < 10_000; number++)
            lines.Append("line ").Append(number).Append(" of a paste\r");
        await session.Type("stty -echo; cat >/tmp/paste; stty echo; echo pasted\r");
        await session.Expect("pasted\r+\n");
        await session.Type(lines + "\x04");
        await session.Expect("pasted\r+\n");
        byte[] expected = Encoding.ASCII.GetBytes(lines.ToString().Replace('\r', '\n'));
        string sum = Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(expected)).ToLowerInvariant();
        await session.Expect(TypedSession.Prompt);
        Assert.Contains(sum, await session.Run("sha256sum /tmp/paste"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shells_edit_lines_and_remember_them()
    {
        await using TypedSession session = await TypedSession.Start();
        foreach (string shell in (string[])["sh", "bash"])
        {
            await session.Type(shell + "\r");
            await session.Expect(TypedSession.Prompt);
            await session.Type("echo wold\x1b[D\x1b[D\x1b[Dr\r");
            await session.Expect(@"[\r\n]wrold\r+\n");
            await session.Expect(TypedSession.Prompt);
            await session.Type("\x1b[A\x7f!\r");
            await session.Expect(@"[\r\n]wrol!\r+\n");
            await session.Expect(TypedSession.Prompt);
            await StartSleeping(session);
            await session.Type("\x1a");
            await session.Expect("Stopped");
            await session.Expect(TypedSession.Prompt);
            await session.Run("kill -9 %1");
            await session.Type("exit\r");
            await session.Expect("exit");
            await session.Type("\r");
            await session.Expect(TypedSession.Prompt);
            await session.Run("true");
        }
    }

    // A key typed before the program runs would be the shell's.
    private static async Task StartSleeping(TypedSession session)
    {
        await session.Type("sh -c 'echo asleep; exec sleep 1000'\r");
        await session.Expect(@"[\r\n]asleep\r+\n");
    }
}
