namespace Microkernel.Boot.Tests.Terminal;

/// <summary>Keys that end and stop programs.</summary>
[Trait("Stage", "6")]
public sealed class JobControlTests
{
    private const string Prompt = Person.Prompt;

    // Keys act on the program only when it is in the foreground, and it is when it has written something. (A person is slower than that.)
    private const string Sleep = "sh -c \"echo begun; exec sleep 100\"";

    [Fact]
    public async Task Control_C_ends_the_program_and_not_the_shell()
    {
        await using Person person = await Person.SitDown();
        await person.Clear();
        await person.Enter(Sleep);
        await person.SeeLast("begun");
        await person.Press("C-c");
        await person.Until(screen => screen == $"{Prompt} {Sleep}\nbegun\n^C\n{Prompt}", "the prompt after ^C");
        Assert.Equal("still here", await person.Ask("echo still here"));
        await person.Clear();
        await person.Enter($"{Sleep}; echo not printed");
        await person.SeeLast("begun");
        await person.Press("C-\\");
        await person.Until(screen => screen.EndsWith($"begun\n^\\Quit\nnot printed\n{Prompt}", StringComparison.Ordinal), "what follows ^\\");
    }

    [Fact]
    public async Task Control_C_ends_all_programs_of_a_pipe_and_a_shell_loop()
    {
        await using Person person = await Person.SitDown();
        await person.Clear();
        await person.Enter("while :; do sleep 1; done | cat | cat; echo over $?");
        await person.See("over $?");
        await person.Press("C-c");
        await person.SeeLast(Prompt);
        Assert.Equal("0", await person.Ask("ps | grep -c '[s]leep 1$'"));
    }

    [Fact]
    public async Task Control_Z_jobs_bg_and_fg()
    {
        await using Person person = await Person.SitDown();
        await person.Clear();
        await person.Enter(Sleep);
        await person.SeeLast("begun");
        await person.Press("C-z");
        await person.Until(
            screen => screen.Contains("[1]+  Stopped", StringComparison.Ordinal) && screen.EndsWith("\n" + Prompt, StringComparison.Ordinal),
            "[1]+  Stopped");
        Assert.Equal($"[1]+  Stopped                    {Sleep}", await person.Ask("jobs"));
        Assert.Equal($"[1] {Sleep}", await person.Ask("bg"));
        Assert.Equal($"[1]+  Running                    {Sleep}", await person.Ask("jobs"));
        await person.Clear();
        await person.Enter("fg");
        await person.SeeLast(Sleep);
        await person.Press("C-c");
        await person.Until(screen => screen == $"{Prompt} fg\n{Sleep}\n^C\n{Prompt}", "the prompt after ^C");
        Assert.Equal("", await person.Ask("jobs"));
    }

    [Fact]
    public async Task A_background_program_that_reads_stops_until_it_is_in_the_foreground()
    {
        await using Person person = await Person.SitDown();
        await person.Enter("cat & until jobs | grep 'tty input'; do :; done");
        await person.See("[1]+  Stopped (tty input)");
        await person.SeeLast(Prompt);
        await person.Clear();
        await person.Enter("fg");
        await person.SeeLast("cat");
        await person.Enter("echoed by cat");
        await person.Until(screen => screen.EndsWith("echoed by cat\nechoed by cat", StringComparison.Ordinal), "the line twice");
        await person.Press("C-d");
        await person.SeeLast(Prompt);
    }

    [Fact]
    public async Task Control_D_ends_what_cat_reads()
    {
        await using Person person = await Person.SitDown();
        await person.Clear();
        await person.Enter("(echo begun; cat > f)");
        await person.SeeLast("begun");
        await person.Enter("one line");
        await person.Type("and a half");
        await person.Press("C-d", "C-d");
        await person.SeeLast($"and a half{Prompt}");
        Assert.Equal("19\nand a half", await person.Ask("wc -c < f; tail -n 1 f; echo"));
    }

    [Fact]
    public async Task Control_S_holds_the_output_until_control_Q()
    {
        await using Person person = await Person.SitDown();
        await person.Clear();
        await person.Enter("i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); echo line $i; [ $i = 200 ] && sleep 1; done");
        await person.See("line 200");
        await person.Press("C-s");
        string held = await person.Hold();
        Assert.DoesNotContain(Prompt + " ", held[held.IndexOf('\n')..]);
        await person.Press("C-q");
        await person.Until(screen => screen != held, "more lines after ^Q");
        await person.Press("C-c");
        await person.SeeLast(Prompt);
    }
}
