using System.Diagnostics;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Terminal;

/// <summary>
/// Somebody at a terminal who has started <c>./run</c> without a command: types, looks at the screen, and waits for what must come there. Waiting is
/// for text, never for time alone.
/// </summary>
internal sealed class Person : IAsyncDisposable
{
    /// <summary>The terminal's size, unless a test says otherwise. Not 80x24, which is what programs guess.</summary>
    public const int Columns = 90, Rows = 28;

    /// <summary>What /etc/profile shows when the shell waits.</summary>
    public const string Prompt = "root:~#";

    // Far beyond what anything here takes on a busy host; only what never comes reaches it.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(120);

    // The whole of a test. The machine is ended from outside even when the test's process is killed.
    private const int LongestSession = 400;

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(40);

    // Two machines that are measured and typed at side by side would make each other slow.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    private readonly Tmux tmux;
    private readonly string system;

    private Person(Tmux tmux, string system) => (this.tmux, this.system) = (tmux, system);

    /// <summary>From the line that names the log to the first prompt; the machine starts in between.</summary>
    public TimeSpan TimeToPrompt { get; private set; }

    /// <summary>Starts <c>./run</c> and waits for the prompt.</summary>
    /// <param name="system">What to boot.</param>
    /// <param name="variables">More variables for <c>./run</c>, fit for /bin/sh.</param>
    public static async Task<Person> SitDown(TargetSystem system = TargetSystem.Microkernel, string variables = "")
    {
        await OneAtATime.WaitAsync();
        string run = Path.Combine(RepositoryLayout.Find().Root, "run");
        string command = $"timeout --foreground {LongestSession} {run} SYSTEM={system.ToString().ToLowerInvariant()} {variables}";
        var person = new Person(await Tmux.Start(command, Columns, Rows), system.ToString());
        try
        {
            await person.See(TerminalRun.Banner);
            long start = Stopwatch.GetTimestamp();
            await person.See(Prompt);
            person.TimeToPrompt = Stopwatch.GetElapsedTime(start);
            return person;
        }
        catch
        {
            await person.DisposeAsync();
            throw;
        }
    }

    /// <summary>Types a line and the return key.</summary>
    public async Task Enter(string line)
    {
        await tmux.Type(line);
        await tmux.Press("Enter");
    }

    /// <summary>Types text without a return.</summary>
    public Task Type(string text) => tmux.Type(text);

    /// <summary>Presses keys by tmux's names.</summary>
    public Task Press(params string[] keys) => tmux.Press(keys);

    /// <summary>Pastes text.</summary>
    public async Task Paste(string text)
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, text);
        await tmux.Paste(file);
        File.Delete(file);
    }

    /// <summary>Changes the size of the terminal's window.</summary>
    public Task Resize(int columns, int rows) => tmux.Resize(columns, rows);

    /// <summary>Clears the screen by a command, and waits until nothing but the prompt is left.</summary>
    public async Task Clear()
    {
        await Enter("clear");
        await Until(screen => screen == Prompt);
    }

    /// <summary>Runs a command on a clear screen, and waits until the shell asks for the next one.</summary>
    /// <returns>The lines that the command has shown; at most a screen.</returns>
    public async Task<string> Ask(string command)
    {
        await Clear();
        await Enter(command);
        string screen = await Until(text => text.Contains('\n') && text.EndsWith("\n" + Prompt, StringComparison.Ordinal));
        return screen[(screen.IndexOf('\n') + 1)..^Prompt.Length].TrimEnd('\n');
    }

    /// <summary>Waits until the text stands somewhere on the screen.</summary>
    public Task<string> See(string text) => Until(screen => screen.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Waits until the last line of the screen is <paramref name="line"/>.</summary>
    public Task<string> SeeLast(string line) =>
        Until(screen => screen.Split('\n')[^1] == line, $"{line} as the last line");

    /// <summary>Waits until the screen is as it should be.</summary>
    public async Task<string> Until(Func<string, bool> isRight, string expected = "the expected screen")
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            string screen = await tmux.Screen();
            if (isRight(screen))
                return screen;
            Assert.True(
                Stopwatch.GetElapsedTime(start) < LongestWait,
                $"{system}: {expected} does not come; the terminal shows\n{await tmux.Scrollback()}\n---");
            await Task.Delay(Glance);
        }
    }

    /// <summary>Waits until nothing has changed on the screen for a second, which a program that runs on does not let happen.</summary>
    public async Task<string> Hold()
    {
        string held = "";
        long since = 0;
        return await Until(
            screen =>
            {
                if (screen != held)
                    (held, since) = (screen, Stopwatch.GetTimestamp());
                return Stopwatch.GetElapsedTime(since) > TimeSpan.FromSeconds(1);
            },
            "a screen that stands still");
    }

    /// <summary>The screen with the escape sequences of its colours.</summary>
    public Task<string> Colours() => tmux.ScreenWithColours();

    /// <summary>Where the cursor stands, from 0.</summary>
    public Task<(int Column, int Row)> Cursor() => tmux.Cursor();

    /// <summary>Waits until <c>./run</c> has ended.</summary>
    /// <returns>Its status.</returns>
    public async Task<int> Leave()
    {
        long start = Stopwatch.GetTimestamp();
        int? status;
        while ((status = await tmux.ExitStatus()) is null)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < LongestWait, $"{system}: the run does not end\n{await tmux.Screen()}");
            await Task.Delay(Glance);
        }

        return status.Value;
    }

    /// <summary>Everything that was on the screen since the start.</summary>
    public Task<string> Everything() => tmux.Scrollback();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await tmux.DisposeAsync();
        OneAtATime.Release();
    }
}
