using System.Diagnostics;
using System.Text;
using Microkernel.Image;

namespace Microkernel.Boot.Tests.Supervision;

/// <summary>An interactive run on a pseudo-terminal, by the tool that <c>./run</c> calls when all is built; script(1) makes the terminal.</summary>
internal sealed class InteractiveRun : IDisposable
{
    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly Task reading;
    private int position;

    private InteractiveRun(Process process)
    {
        this.process = process;
        reading = Task.Run(ReadAsync);
    }

    /// <summary>All that came so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    /// <summary>The system's log, when the run has ended.</summary>
    public string Log
    {
        get
        {
            const string Named = "run: log ";
            string text = Output;
            int start = text.LastIndexOf(Named, StringComparison.Ordinal);
            return start < 0 ? "" : File.ReadAllText(text[(start + Named.Length)..].Split('\r', '\n')[0]);
        }
    }

    /// <summary>Starts a run; the overlay is a folder of files to add, or null.</summary>
    public static InteractiveRun Start(string? overlay = null, string configuration = "default")
    {
        string command = Path.Combine(RepositoryLayout.Find().Root, ".build/bin/Image/release/image") + $" run -- CONFIG={configuration}"
            + (overlay is null ? "" : $" OVERLAY={overlay}");
        var start = new ProcessStartInfo("script", ["-qfec", command, "/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return new InteractiveRun(Process.Start(start)!);
    }

    /// <summary>Types text as it is.</summary>
    public void Type(string text)
    {
        process.StandardInput.Write(text);
        process.StandardInput.Flush();
    }

    /// <summary>Waits for text behind what was waited for last.</summary>
    public async Task WaitFor(string text)
    {
        var watch = Stopwatch.StartNew();
        for (;;)
        {
            string now = Output;
            int found = now.IndexOf(text, position, StringComparison.Ordinal);
            if (found >= 0)
            {
                position = found + text.Length;
                return;
            }

            Assert.True(watch.Elapsed < Boot.DefaultTimeout && !process.HasExited, $"no \"{text}\" in:\n{now[Math.Max(0, now.Length - 4000)..]}");
            await Task.Delay(20);
        }
    }

    /// <summary>Waits for the prompt, then types a line.</summary>
    public async Task Command(string line)
    {
        await WaitFor("# ");
        Type(line + "\r");
    }

    /// <summary>Powers the machine off from its shell and waits for the end.</summary>
    public async Task PowerOff()
    {
        await Command("poweroff -f");
        using var timeout = new CancellationTokenSource(Boot.DefaultTimeout);
        await process.WaitForExitAsync(timeout.Token);
        await reading;
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill(); // QEMU gets a death signal when the run tool loses its terminal
        process.Dispose();
    }

    private async Task ReadAsync()
    {
        char[] buffer = new char[4096];
        for (int count; (count = await process.StandardOutput.ReadAsync(buffer)) > 0;)
        {
            lock (output)
                output.Append(buffer, 0, count);
        }
    }
}
