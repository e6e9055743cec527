using System.Diagnostics;

namespace Microkernel.Image.Run;

/// <summary>A running QEMU. It never outlives this process, however that ends.</summary>
internal sealed class QemuProcess : IDisposable
{
    // QEMU answers SIGTERM by restoring the terminal and leaving, at once unless it is stuck.
    private static readonly TimeSpan PoliteEnd = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<int> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource endedToken = new();
    private Process? process;

    private QemuProcess()
    {
    }

    /// <summary>QEMU's exit code.</summary>
    public Task<int> Exit => ended.Task;

    /// <summary>Cancelled when QEMU has ended.</summary>
    public CancellationToken Ended => endedToken.Token;

    /// <summary>Processor time that QEMU has used.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            try
            {
                process!.Refresh();
                return process.TotalProcessorTime;
            }
            catch (InvalidOperationException)
            {
                return TimeSpan.Zero; // it has ended
            }
        }
    }

    /// <summary>Starts QEMU. Its own messages go to <paramref name="errors"/>, a line each.</summary>
    /// <exception cref="ImageException">It is not installed.</exception>
    public static QemuProcess Start(IEnumerable<string> arguments, Action<string> errors)
    {
        var qemu = new QemuProcess();
        var started = new TaskCompletionSource();

        // The kernel ends QEMU when the thread that started it ends (PR_SET_PDEATHSIG, prctl(2)), so this thread stays until QEMU has gone.
        var thread = new Thread(() => qemu.Watch(arguments, errors, started)) { IsBackground = true, Name = "QEMU" };
        thread.Start();
        started.Task.GetAwaiter().GetResult();
        return qemu;
    }

    /// <summary>Ends QEMU at once and waits until it has gone.</summary>
    public async Task<int> KillAsync()
    {
        process!.Kill();
        return await Exit;
    }

    /// <summary>Lets QEMU restore the terminal before it ends.</summary>
    public async Task<int> TerminateAsync()
    {
        if (Exit.IsCompleted)
            return await Exit;

        // The process id is QEMU's own, as setpriv has become QEMU.
        using Process? signal = Process.Start("/bin/sh", ["-c", $"kill -TERM {process!.Id}"]);
        await Task.WhenAny(Exit, Task.Delay(PoliteEnd));
        return await KillAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        process?.Kill();
        ended.Task.GetAwaiter().GetResult();
        process?.Dispose();
        endedToken.Dispose();
    }

    private void Watch(IEnumerable<string> arguments, Action<string> errors, TaskCompletionSource started)
    {
        try
        {
            // setpriv (util-linux) sets the death signal and becomes QEMU.
            process = Process.Start(new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", QemuCommandLine.Program, .. arguments])
            {
                RedirectStandardError = true,
            })!;
        }
        catch (Exception error)
        {
            ended.SetResult(-1);
            started.SetException(new ImageException($"{QemuCommandLine.Program} cannot be started: {error.Message}"));
            return;
        }

        started.SetResult();
        while (process.StandardError.ReadLine() is string line)
            errors(line);
        process.WaitForExit();
        endedToken.Cancel();
        ended.SetResult(process.ExitCode);
    }
}
