using System.Diagnostics;
using System.Text;

namespace Microkernel.Boot.Tests.Terminal;

/// <summary>A terminal of the host that nobody looks at: one tmux server with one window, whose screen can be read and whose keys can be pressed.</summary>
internal sealed class Tmux : IAsyncDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("tmux-").FullName;

    private string Socket => Path.Combine(directory, "socket");

    // A shell keeps the status here: tmux 3.3a now and then misses the end of a command and then never tells how it ended.
    private string StatusFile => Path.Combine(directory, "status");

    /// <summary>Starts <paramref name="command"/> (for /bin/sh) in a terminal of the given size. What stands on the screen at its end stays.</summary>
    public static async Task<Tmux> Start(string command, int columns, int rows)
    {
        var tmux = new Tmux();

        // No configuration of the host's user; scrolled-off lines are kept for a test that asks for them.
        string configuration = Path.Combine(tmux.directory, "tmux.conf");
        await File.WriteAllTextAsync(
            configuration,
            "set -g remain-on-exit on\nset -g history-limit 20000\nset -g default-terminal screen-256color\nset -g status off\n");
        await tmux.Run("-f", configuration, "new-session", "-d", "-x", $"{columns}", "-y", $"{rows}", $"{command}; echo $? > {tmux.StatusFile}");
        return tmux;
    }

    /// <summary>The lines of the screen, as text without trailing blanks.</summary>
    public async Task<string> Screen() => Trim(await Run("capture-pane", "-p"));

    /// <summary>The lines of the screen with the escape sequences (ECMA-48 SGR) that give them their colours.</summary>
    public async Task<string> ScreenWithColours() => Trim(await Run("capture-pane", "-p", "-e"));

    /// <summary>Everything that was shown, what has scrolled off first.</summary>
    public async Task<string> Scrollback() => Trim(await Run("capture-pane", "-p", "-S", "-"));

    /// <summary>The place of the cursor, from 0.</summary>
    public async Task<(int Column, int Row)> Cursor()
    {
        string[] parts = (await Run("display-message", "-p", "#{cursor_x} #{cursor_y}")).Trim().Split(' ');
        return (int.Parse(parts[0]), int.Parse(parts[1]));
    }

    /// <summary>The status that the command ended with, or null while it runs.</summary>
    public async Task<int?> ExitStatus() =>
        File.Exists(StatusFile) && (await File.ReadAllTextAsync(StatusFile)) is [.. string status, '\n'] ? int.Parse(status) : null;

    /// <summary>Types text as it is.</summary>
    public Task Type(string text) => Run("send-keys", "-l", "--", text);

    /// <summary>Presses keys by tmux's names: <c>Enter</c>, <c>C-c</c>, <c>Up</c>.</summary>
    public Task Press(params string[] keys) => Run(["send-keys", .. keys]);

    /// <summary>Pastes a file: all its bytes at once, newlines as the return key.</summary>
    public async Task Paste(string file)
    {
        await Run("load-buffer", file);
        await Run("paste-buffer", "-d");
    }

    /// <summary>Changes the size of the terminal.</summary>
    public Task Resize(int columns, int rows) => Run("resize-window", "-x", $"{columns}", "-y", $"{rows}");

    /// <summary>Ends the server and with it, by SIGHUP, the command.</summary>
    public async ValueTask DisposeAsync()
    {
        await Run("kill-server");
        Directory.Delete(directory, recursive: true);
    }

    private async Task<string> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("tmux", ["-S", Socket, "-u", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"tmux {arguments[0]}: {await errors}");
    }

    private static string Trim(string screen) => string.Join('\n', screen.Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n');
}
