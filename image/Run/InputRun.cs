using System.Text;

namespace Microkernel.Image.Run;

/// <summary>
/// Boots a system whose console reads what stands on the tool's input, which is a file or a pipe and no terminal: the shell gets it as if it were
/// typed, then end of file (^D), and the run ends with the shell.
/// </summary>
internal sealed class InputRun
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();
    private static readonly byte[] EndOfFile = [4]; // ^D, VEOF of termios(3)

    /// <summary>A program that runs when the input ends takes the first ^D; the shell gets a later one.</summary>
    private static readonly TimeSpan BetweenEnds = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource inputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly RunDirectory directory;
    private readonly ControlChannel control = new();
    private readonly StringBuilder messages = new();

    private InputRun(RunDirectory directory) => this.directory = directory;

    /// <summary>Runs the shell until its input ends. The status is the shell's, 0 when it powered the machine off itself.</summary>
    /// <exception cref="ImageException">The machine cannot be started.</exception>
    public static async Task<RunResult> RunAsync(
        RepositoryLayout repository, RunRequest request, Stream input, Stream output, Action<string> logNamed, CancellationToken cancellation)
    {
        using RunDirectory directory = RunDirectory.Create(repository);
        (MachineSettings settings, BootFiles files) = PreparedRun.Make(repository, request with { Terminal = HostTerminal.Ask() }, directory.Scratch);
        logNamed(directory.MainLog(request.System));
        return await new InputRun(directory).RunAsync(request, settings, files, input, output, cancellation);
    }

    private async Task<RunResult> RunAsync(
        RunRequest request, MachineSettings settings, BootFiles files, Stream input, Stream output, CancellationToken cancellation)
    {
        using var console = new SerialChannel(Path.Combine(directory.Scratch, "console"));
        using var controlPort = new SerialChannel(Path.Combine(directory.Scratch, "control"));
        var ports = new QemuPorts(
            QemuPorts.Socket("console", console.Path),
            QemuPorts.Nowhere("output"),
            QemuPorts.Socket("control", controlPort.Path),
            QemuPorts.File("log", directory.KernelLog));
        List<string> arguments = QemuCommandLine.Build(request, settings.Cpus, settings.Memory, files, ports);
        using QemuProcess qemu = QemuProcess.Start(arguments, line => messages.AppendLine(line));
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation, qemu.Ended);

        // The console is a log too: the watchdog sees that it grows.
        using var log = new FileStream(directory.ConsoleLog, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        Task shown = console.DrainAsync(bytes => ShowAsync(output, log, bytes), qemu.Ended);
        Task controlled = controlPort.DrainAsync(bytes => Receive(bytes.Span), qemu.Ended);
        Task typed = TypeAsync(input, console, over.Token);
        Task<string> stuck = request.WaitsForDebugger
            ? new TaskCompletionSource<string>().Task
            : new BootWatchdog(directory.ConsoleLog, directory.KernelLog).WatchAsync(control.Ready.Task, over.Token);
        Task timeout = Task.Delay(request.Timeout ?? Timeout.InfiniteTimeSpan, over.Token);
        Task idle = request.Timeout is null && !request.WaitsForDebugger ? WatchIdleAsync(qemu, over.Token) : Task.Delay(Timeout.Infinite, over.Token);
        await Task.WhenAny(qemu.Exit, stuck, timeout, idle, FailureOf(shown), Task.Delay(Timeout.Infinite, cancellation));
        bool isStuck = stuck.IsCompletedSuccessfully && !qemu.Exit.IsCompleted;
        bool isOver = (timeout.IsCompletedSuccessfully || idle.IsCompletedSuccessfully) && !qemu.Exit.IsCompleted;
        await over.CancelAsync();
        int exitCode = await qemu.KillAsync();
        if (shown.IsFaulted)
            return Result(request, RunStatus.OutputClosed, null);
        await Task.WhenAll(shown, controlled, typed);
        if (cancellation.IsCancellationRequested)
            return Result(request, RunStatus.Interrupted, "interrupted");
        if (isStuck)
            return Result(request, RunStatus.NoSession, await stuck);
        if (isOver)
        {
            return Result(request, RunStatus.TimedOut, request.Timeout is TimeSpan limit
                ? $"TIMEOUT={limit.TotalSeconds} has passed"
                : $"the input has ended, and the machine has done nothing for {IdleMachine.LongestIdle.TotalSeconds} s (TIMEOUT gives it longer)");
        }

        return exitCode is 0 or QemuCommandLine.PowerOffExitCode
            ? Result(request, control.Exited.Task.IsCompletedSuccessfully ? control.Exited.Task.Result : 0, null)
            : Result(request, RunStatus.NoSession, $"the system ended (exit code of QEMU: {exitCode}) {messages}".TrimEnd());
    }

    // Nothing is typed before the session starts: a system that is starting may forget what came before its driver.
    private async Task TypeAsync(Stream input, SerialChannel console, CancellationToken over)
    {
        try
        {
            await control.Ready.Task.WaitAsync(over);
            byte[] buffer = new byte[4096];
            byte last = NewLine[0];
            for (int count; (count = await input.ReadAsync(buffer, over)) > 0; last = buffer[count - 1])
                await console.SendAsync(buffer.AsMemory(0, count), over);

            // A shell also runs the last line of a script that has no end; a terminal's line needs one.
            if (last != NewLine[0])
                await console.SendAsync(NewLine, over);
            inputEnded.SetResult();
            for (; ; await Task.Delay(BetweenEnds, over))
                await console.SendAsync(EndOfFile, over);
        }
        catch (OperationCanceledException)
        {
            // The machine has gone, and what is left of the input with it.
        }
    }

    private async Task WatchIdleAsync(QemuProcess qemu, CancellationToken over)
    {
        await inputEnded.Task.WaitAsync(over);
        await IdleMachine.WatchAsync(() => qemu.ProcessorTime, Task.Delay, over);
    }

    private static async Task FailureOf(Task task)
    {
        await task.ContinueWith(_ => { }, TaskScheduler.Default);
        if (!task.IsFaulted)
            await Task.Delay(Timeout.Infinite);
    }

    private static async Task ShowAsync(Stream output, FileStream log, ReadOnlyMemory<byte> bytes)
    {
        await log.WriteAsync(bytes);
        await output.WriteAsync(bytes);
        await output.FlushAsync();
    }

    private Task Receive(ReadOnlySpan<byte> bytes)
    {
        control.Receive(bytes);
        return Task.CompletedTask;
    }

    private RunResult Result(RunRequest request, int status, string? failure) => new(status, directory.MainLog(request.System), failure);
}
