namespace Microkernel.Boot.Tests.Terminal;

/// <summary>Programs that draw on the whole screen and read single keys.</summary>
[Trait("Stage", "6")]
public sealed class FullScreenTests
{
    private const string Prompt = Person.Prompt;

    [Fact]
    public async Task Vi_edits_and_saves_a_file()
    {
        await using Person person = await Person.SitDown();
        Assert.Equal("", await person.Ask("printf 'first\\nsecond\\nthird\\n' > f"));
        await person.Enter("vi f");
        string screen = await person.See("- f 1/3");

        // The file, then a tilde a line down to the status line.
        string[] lines = screen.Split('\n');
        Assert.Equal(["first", "second", "third", .. Enumerable.Repeat("~", Person.Rows - 4)], lines[..^1]);
        Assert.Equal((0, 0), await person.Cursor());

        // Whoever types on at once after Escape makes one key of the two, here as on Linux: so the screen must stand still first.
        // Delete a line, append to the next, open one below, undo, join by insertion at the start of the file; arrows move.
        await person.Press("Down", "d", "d", "A");
        await person.Type(" more");
        await person.Press("Escape");
        await person.See("third more");
        await person.Hold();
        await person.Type("onew line");
        await person.Press("Escape");
        await person.See("new line");
        await person.Hold();
        await person.Type("1GItop ");
        await person.Press("Escape");
        await person.See("top first");
        await person.Hold();
        await person.Enter(":wq");
        await person.SeeLast(Prompt);
        Assert.Equal("top first\nthird more\nnew line\n30 f", await person.Ask("cat f; wc -c f"));
    }

    [Fact]
    public async Task Less_pages_searches_and_quits()
    {
        await using Person person = await Person.SitDown();
        Assert.Equal("", await person.Ask("seq 1 5000 > f"));
        await person.Enter("less f");
        await person.Until(screen => screen.StartsWith($"1\n2\n", StringComparison.Ordinal)
            && screen.Contains($"\n{Person.Rows - 1}\nf", StringComparison.Ordinal), "the first page");
        await person.Press("Space");
        await person.Until(screen => Waits(screen, $"{Person.Rows}"), "the second page");
        await person.Press("b");
        await person.Until(screen => Waits(screen, "1"), "the first page again");

        // less is in raw mode only while it waits for a key: what is typed earlier is echoed and edited as a line.
        await person.Hold();
        await person.Type("/^4321$");
        await person.SeeLast("/^4321$");
        await person.Hold();
        await person.Press("Enter");
        await person.Until(screen => Waits(screen, "4321"), "the line that was searched for");
        await person.Press("G");
        await person.See("\n5000\n");
        await person.Press("q");
        await person.SeeLast(Prompt);
    }

    [Fact]
    public async Task Top_refreshes_and_quits()
    {
        await using Person person = await Person.SitDown();
        await person.Clear();
        await person.Enter("top -d 1");
        string first = await person.Until(IsTop, "top's table");
        string second = await person.Until(screen => IsTop(screen) && screen != first, "a refreshed table");
        await person.Until(screen => IsTop(screen) && screen != second, "a table refreshed again");
        await person.Press("q");
        await person.SeeLast(Prompt);
        Assert.Equal("2", await person.Ask("echo $((1 + 1))"));
    }

    // less takes keys when its own line stands at the bottom; before, the terminal echoes them.
    private static bool Waits(string screen, string firstLine) =>
        screen.StartsWith(firstLine + "\n", StringComparison.Ordinal)
        && screen.Split('\n') is [.., string last] && (last == ":" || last.StartsWith('f'));

    private static bool IsTop(string screen) =>
        screen.StartsWith("Mem: ", StringComparison.Ordinal)
        && screen.Contains("\nLoad average: ", StringComparison.Ordinal)
        && screen.Contains("  PID  PPID USER ", StringComparison.Ordinal)
        && screen.Contains(" top -d 1", StringComparison.Ordinal);
}
