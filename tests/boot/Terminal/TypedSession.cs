using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microkernel.Image;

namespace Microkernel.Boot.Tests.Terminal;

/// <summary>
/// <c>./run</c> at a terminal, as a person has it: script(1) gives it a pseudo-terminal. What is typed goes in as bytes; the tests wait for what is shown, never for time alone.
/// </summary>
internal sealed class TypedSession : IAsyncDisposable
{
    // Far beyond what anything needs on an idle host.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(20);

    /// <summary>The prompt of both shells, with its colours.</summary>
    public const string Prompt = @"root\x1b\[0m:\x1b\[1;34m[^\r\n]*\x1b\[0m# ";

    private readonly Process process;
    private readonly StringBuilder shown = new();
    private readonly byte[] buffer = new byte[65536];
    private int seen;

    private TypedSession(Process process) => this.process = process;

    /// <summary>Starts a system with an interactive shell, on a terminal of this size, and waits for the prompt.</summary>
    public static async Task<TypedSession> Start(int cpus = 2, int rows = 24, int columns = 80)
    {
        RepositoryLayout repository = RepositoryLayout.Find();
        string command = string.Create(CultureInfo.InvariantCulture, $"stty rows {rows} cols {columns}; exec ./run CPUS={cpus}");
        var start = new ProcessStartInfo("script", ["--quiet", "--flush", "--echo", "never", "--command", command, "/dev/null"])
        {
            WorkingDirectory = repository.Root, RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm"; // one with colours
        var session = new TypedSession(Process.Start(start)!);
        await session.Expect(Prompt);
        return session;
    }

    /// <summary>Types text; \r is the Enter key.</summary>
    public async Task Type(string text)
    {
        await process.StandardInput.BaseStream.WriteAsync(Encoding.Latin1.GetBytes(text));
        await process.StandardInput.BaseStream.FlushAsync();
    }

    /// <summary>Waits for a pattern in what is shown behind the last one, and returns everything up to its end.</summary>
    public async Task<string> Expect([StringSyntax(StringSyntaxAttribute.Regex)] string pattern)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            string rest = shown.ToString(seen, shown.Length - seen);
            Match match = Regex.Match(rest, pattern);
            if (match.Success)
            {
                seen += match.Index + match.Length;
                return rest[..(match.Index + match.Length)];
            }

            await Read(pattern, limit.Token);
        }
    }

    /// <summary>Types a command and returns what it shows, up to the next prompt.</summary>
    public async Task<string> Run(string command)
    {
        await Type(command + "\r");
        string text = await Expect(Prompt);
        return text.Replace("\r", "", StringComparison.Ordinal);
    }

    /// <summary>Leaves with ^A x.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Type("\x01x");
            using var limit = new CancellationTokenSource(EndPatience);
            await process.WaitForExitAsync(limit.Token);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        process.Dispose();
    }

    private async Task Read(string pattern, CancellationToken limit)
    {
        int length;
        try
        {
            length = await process.StandardOutput.BaseStream.ReadAsync(buffer, limit);
        }
        catch (OperationCanceledException)
        {
            length = 0;
        }

        Assert.True(length > 0, $"waited for {pattern}; shown since the last match:\n{Regex.Escape(shown.ToString(seen, shown.Length - seen))}");
        shown.Append(Encoding.Latin1.GetString(buffer, 0, length));
    }
}
