using Xunit.Abstractions;

namespace Microkernel.Boot.Tests.Terminal;

/// <summary>The shell that <c>make run</c> gives: how it starts, and how it ends.</summary>
[Trait("Stage", "6")]
public sealed class ShellAtTheTerminalTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_prompt_comes_and_control_A_x_leaves_as_the_banner_says()
    {
        await using Person person = await Person.SitDown();
        output.WriteLine($"from QEMU's start to the prompt: {person.TimeToPrompt.TotalSeconds:F2} s");
        Assert.StartsWith("run: log ", await person.Everything());
        Assert.Contains("^A x ends QEMU", await person.Everything());
        await person.Press("C-a", "x");
        Assert.Equal(0, await person.Leave());
    }

    [Fact]
    public async Task Logs_stay_out_of_the_terminal()
    {
        await using Person person = await Person.SitDown();
        await person.Enter("echo one two | wc -w; true");
        await person.Until(screen => screen.EndsWith($"\n2\n{Person.Prompt}", StringComparison.Ordinal));
        string[] shown = [.. (await person.Everything()).Split('\n').Where(line => line.Length > 0)];

        // The log is named, the banner, two lines of greeting by busybox, and what was asked for.
        Assert.Equal(7, shown.Length);
        Assert.Equal([$"{Person.Prompt} echo one two | wc -w; true", "2", Person.Prompt], shown[4..]);
    }

    [Fact]
    public async Task The_end_of_the_shell_powers_the_machine_off()
    {
        await using Person person = await Person.SitDown();
        await person.Press("C-d");
        Assert.Equal(0, await person.Leave());
    }
}
