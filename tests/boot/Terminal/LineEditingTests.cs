namespace Microkernel.Boot.Tests.Terminal;

/// <summary>Both shells of the root file system, as they are typed at.</summary>
[Trait("Stage", "6")]
public sealed class LineEditingTests
{
    private const string Prompt = Person.Prompt;

    [Theory]
    [InlineData("sh")]
    [InlineData("bash")]
    public async Task Arrows_and_control_keys_edit_the_line(string shell)
    {
        await using Person person = await Start(shell);
        // ^A twice, as QEMU keeps the first one for itself.
        await person.Type("ech two");
        await person.Press("Left", "Left", "Left", "Left");
        await person.Type("o one");
        await person.Press("C-a", "C-a", "Right", "Right", "Right", "Right", "Space", "C-e");
        await person.Type(" three four");
        await Expect(person, "echo  one two three four");
        await person.Press("Left", "Left", "Left", "Left", "Left", "C-k", "Enter");
        await person.Until(screen => screen == $"{Prompt} echo  one two three\none two three\n{Prompt}", "the edited command and its output");
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("bash")]
    public async Task History_comes_back_by_arrow(string shell)
    {
        await using Person person = await Start(shell);
        await person.Ask("echo first of all");
        await person.Ask("echo second");

        // Each question is preceded by a `clear`.
        await person.Press("Up", "Up", "Up");
        await Expect(person, "echo first of all");
        await person.Press("Down", "Down");
        await Expect(person, "echo second");
        await person.Press("Enter");
        await person.Until(screen => screen.EndsWith($"\nsecond\n{Prompt}", StringComparison.Ordinal), "the output of the command from the history");
    }

    // Debian's busybox is built without search in the history and without a file for it.
    [Fact]
    public async Task Bash_searches_its_history()
    {
        await using Person person = await Start("bash");
        await person.Ask("echo first of all");
        await person.Ask("echo second");
        await person.Press("C-r");
        await person.Type("first");
        await person.Until(screen => screen.Split('\n')[^1].EndsWith("echo first of all", StringComparison.Ordinal), "the command that was searched for");
        await person.Press("Enter");
        await person.Until(screen => screen.EndsWith($"\nfirst of all\n{Prompt}", StringComparison.Ordinal), "its output");
    }

    [Fact]
    public async Task The_next_bash_has_the_history_of_the_last()
    {
        await using Person person = await Start("sh");
        await person.Enter("bash");
        await person.Ask("echo from the first bash");
        await person.Enter("exit");
        await person.Until(screen => screen.EndsWith($"exit\nexit\n{Prompt}", StringComparison.Ordinal), "the end of the first bash");
        await person.Enter("bash");
        await person.Clear();
        await person.Press("Up", "Up", "Up");
        await Expect(person, "echo from the first bash");
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("bash")]
    public async Task The_tabulator_completes_names(string shell)
    {
        await using Person person = await Start(shell);
        await person.Ask("mkdir -p completion/inner; touch completion/inner/file-one completion/inner/file-two");
        await person.Clear();
        await person.Type("ls compl");
        await person.Press("Tab");
        await Expect(person, "ls completion/");
        await person.Press("Tab");
        await Expect(person, "ls completion/inner/");
        await person.Press("Tab");
        await Expect(person, "ls completion/inner/file-");
        await person.Press("Tab", "Tab");
        await person.Until(
            screen => screen.Contains("file-one", StringComparison.Ordinal)
                && screen.Contains("file-two", StringComparison.Ordinal)
                && screen.EndsWith($"{Prompt} ls completion/inner/file-", StringComparison.Ordinal),
            "both names and the line again");
        await person.Type("o");
        await person.Press("Tab", "Enter");
        await person.Until(screen => screen.EndsWith($"\ncompletion/inner/file-one\n{Prompt}", StringComparison.Ordinal), "the name of the file");
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("bash")]
    public async Task A_line_longer_than_the_screen_is_edited_over_its_rows(string shell)
    {
        await using Person person = await Start(shell);
        string words = string.Join(' ', Enumerable.Range(1000, 30));
        await person.Type($"echo {words}");
        await person.See("1029");
        await person.Press("C-a", "C-a");
        await person.Until(_ => person.Cursor().Result == (Prompt.Length + 1, 0), "the cursor after the prompt");
        await person.Press("C-e", "C-w");
        await person.Type("end");
        await person.Press("Enter");
        string edited = words[..^4] + "end";
        Assert.Equal($"{Prompt} echo {edited}{edited}{Prompt}", Joined(await person.SeeLast(Prompt)));
    }

    [Theory]
    [InlineData("sh")]
    [InlineData("bash")]
    public async Task Prompt_and_directories_have_colours(string shell)
    {
        await using Person person = await Start(shell);
        await person.Ask("ls -d /proc /init");
        string screen = await person.Colours();

        // ECMA-48 SGR: 1 bold, 32 green, 34 blue. tmux may merge or part attributes.
        Assert.Matches("\\e\\[(1m\\e\\[)?(1;)?32mroot", screen);
        Assert.Matches("\\e\\[(1m\\e\\[)?(1;)?34m/proc", screen);
    }

    private static async Task<Person> Start(string shell)
    {
        Person person = await Person.SitDown();
        if (shell != "sh")
            await person.Enter($"exec {shell}");
        await person.Clear();
        return person;
    }

    // What stands in several rows as one line. Rows end with a blank only where a word ends there, and tmux leaves those out.
    private static string Joined(string rows) =>
        string.Concat(rows.Split('\n').Select(row => row.Length == Person.Columns - 1 ? row + ' ' : row));

    // The line that is edited now, below what was run before.
    private static Task Expect(Person person, string line) => person.SeeLast($"{Prompt} {line}");
}
