using System.Security.Cryptography;
using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Terminal;

/// <summary>Modes, size and throughput of the terminal.</summary>
[Trait("Stage", "6")]
public sealed class TerminalModeTests
{
    private const string Prompt = Person.Prompt;

    [Fact]
    public async Task Stty_tells_what_it_tells_on_linux()
    {
        string linux;
        await using (Person person = await Person.SitDown(TargetSystem.Linux))
            linux = await person.Ask("stty -a; stty -g; stty size; tty; ls -l /dev/tty");
        await using Person microkernel = await Person.SitDown();
        Assert.Equal(linux, await microkernel.Ask("stty -a; stty -g; stty size; tty; ls -l /dev/tty"));
    }

    [Fact]
    public async Task Raw_mode_passes_every_key_and_sane_returns()
    {
        await using Person person = await Person.SitDown();
        await person.Clear();
        await person.Enter("stty raw -echo; (echo begun >/dev/tty; dd bs=1 count=7 2>/dev/null) | od -An -c; stty sane");
        await person.SeeLast("begun");
        await person.Press("C-c", "C-z", "C-d", "Enter", "BSpace", "C-s", "C-v");
        await person.Until(screen => screen.Contains("003 032 004  \\r 177 023 026", StringComparison.Ordinal), "all seven keys");
        await person.SeeLast(Prompt);
        Assert.Equal("a\nb", await person.Ask("echo a; echo b"));
    }

    [Fact]
    public async Task Canonical_mode_edits_the_line()
    {
        await using Person person = await Person.SitDown();
        await person.Clear();
        await person.Enter("(echo begun; cat > f)");
        await person.SeeLast("begun");
        await person.Type("wrong words");
        await person.Press("C-u");
        await person.Type("keep these twoo");
        await person.Press("BSpace", "C-w");
        await person.Type("thre");
        await person.Press("C-v", "C-c", "Enter");
        await person.Press("C-d");
        await person.Until(screen => screen == $"{Prompt} (echo begun; cat > f)\nbegun\nkeep these thre^C\n{Prompt}", "the edited line");
        Assert.Equal("keep these thre!", await person.Ask("tr '\\003' '!' <f"));
    }

    [Theory]
    [InlineData("(echo begun; cat > f)")]
    [InlineData("stty -echo; (echo begun; cat > f); stty echo")]
    public async Task A_paste_of_ten_thousand_lines_loses_no_byte(string command)
    {
        var text = new StringBuilder();
        for (int i = 1; i <= 10_000; i++)
            text.Append($"line {i} of what is pasted, {i * 7919L % 104_729}\n");
        string sum = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text.ToString())));

        await using Person person = await Person.SitDown();
        await person.Clear();
        await person.Enter(command);
        await person.SeeLast("begun");
        await person.Paste(text.ToString());
        await person.Press("C-d");
        await person.SeeLast(Prompt);
        Assert.Equal($"{sum}  f\n10000", await person.Ask("sha256sum f; wc -l < f"));
    }

    [Fact]
    public async Task The_session_starts_with_the_size_of_the_host_s_terminal_and_resize_learns_a_new_one()
    {
        await using Person person = await Person.SitDown();
        Assert.Equal($"{Person.Rows} {Person.Columns}", await person.Ask("stty size"));
        await person.Resize(70, 20);
        Assert.Equal("70 columns, 20 rows\n20 70", await person.Ask("resize; stty size"));
    }

    [Fact]
    public async Task A_change_of_size_signals_the_foreground_programs()
    {
        await using Person person = await Person.SitDown();
        await person.Ask("echo 'trap \"echo changed\" WINCH; stty rows 33; stty size; stty rows 33; stty size' > f");
        Assert.Equal($"changed\n33 {Person.Columns}\n33 {Person.Columns}", await person.Ask("sh f"));
    }
}
