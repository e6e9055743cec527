using Microkernel.Image.Configuration;

namespace Microkernel.Image.Run;

/// <summary>Boots a system, runs one command and powers off (<c>EXEC</c>).</summary>
public sealed class CommandRun
{
    /// <summary>From the status on COM3 to the end of QEMU; power-off takes a fraction of a second.</summary>
    private static readonly TimeSpan LongestPowerOff = TimeSpan.FromSeconds(15);

    private readonly RunRequest request;
    private readonly RunDirectory directory;
    private readonly List<string> emulatorMessages = [];
    private readonly ControlChannel control = new();

    private CommandRun(RunRequest request, RunDirectory directory) => (this.request, this.directory) = (request, directory);

    /// <summary>Runs <see cref="RunRequest.Command"/>.</summary>
    /// <param name="repository">The project.</param>
    /// <param name="request">What to run.</param>
    /// <param name="output">Gets the command's output as it arrives.</param>
    /// <param name="logNamed">Gets the path of the log before the machine starts.</param>
    /// <param name="cancellation">Ends the machine.</param>
    /// <exception cref="ImageException">The machine cannot be started.</exception>
    public static async Task<RunResult> RunAsync(
        RepositoryLayout repository, RunRequest request, Stream output, Action<string> logNamed, CancellationToken cancellation)
    {
        using RunDirectory directory = RunDirectory.Create(repository);
        (MachineSettings settings, BootFiles files) = PreparedRun.Make(repository, request, directory.Scratch);
        logNamed(directory.MainLog(request.System));
        return await new CommandRun(request, directory).RunAsync(settings, files, output, cancellation);
    }

    private async Task<RunResult> RunAsync(MachineSettings settings, BootFiles files, Stream output, CancellationToken cancellation)
    {
        using var outputPort = new SerialChannel(Path.Combine(directory.Scratch, "output"));
        using var controlPort = new SerialChannel(Path.Combine(directory.Scratch, "control"));
        var ports = new QemuPorts(
            QemuPorts.File("console", directory.ConsoleLog),
            QemuPorts.Socket("output", outputPort.Path),
            QemuPorts.Socket("control", controlPort.Path),
            QemuPorts.File("log", directory.KernelLog));
        List<string> arguments = QemuCommandLine.Build(request, settings.Cpus, settings.Memory, files, ports);
        await File.WriteAllTextAsync(Path.Combine(directory.Logs, "qemu.txt"), string.Join(' ', arguments.Prepend(QemuCommandLine.Program)) + "\n",
            cancellation);

        using QemuProcess qemu = QemuProcess.Start(arguments, emulatorMessages.Add);
        Task outputDrained = outputPort.DrainAsync(bytes => WriteAsync(output, bytes), qemu.Ended);
        Task controlDrained = controlPort.DrainAsync(bytes => Receive(bytes.Span), qemu.Ended);
        RunResult? early = await WaitAsync(qemu, outputDrained, cancellation);
        int exitCode = await qemu.KillAsync();
        if (outputDrained.IsFaulted)
            return Result(RunStatus.OutputClosed, null);
        await Task.WhenAll(outputDrained, controlDrained);
        return early ?? Judge(exitCode);
    }

    // Waits until QEMU has ended by itself (null) or must be ended.
    private async Task<RunResult?> WaitAsync(QemuProcess qemu, Task outputDrained, CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task timeout = Task.Delay(request.Timeout ?? System.Threading.Timeout.InfiniteTimeSpan, over.Token);
        Task<string> stuck = request.WaitsForDebugger
            ? new TaskCompletionSource<string>().Task
            : new BootWatchdog(directory.ConsoleLog, directory.KernelLog).WatchAsync(control.Ready.Task, over.Token);
        Task powerOff = PowerOffLimitAsync(over.Token);
        Task outputBroken = FailureOfAsync(outputDrained, over.Token);

        await Task.WhenAny(qemu.Exit, timeout, stuck, powerOff, outputBroken);
        bool timedOut = timeout.IsCompletedSuccessfully;
        bool isStuck = stuck.IsCompletedSuccessfully;
        bool staysOn = powerOff.IsCompletedSuccessfully;
        await over.CancelAsync();

        if (qemu.Exit.IsCompleted || outputDrained.IsFaulted)
            return null;
        if (cancellation.IsCancellationRequested)
            return Result(RunStatus.Interrupted, "interrupted");
        if (timedOut)
            return Result(RunStatus.TimedOut, $"TIMEOUT={request.Timeout!.Value.TotalSeconds} has passed");
        if (isStuck)
            return Result(RunStatus.NoSession, await stuck);
        return staysOn
            ? Result(RunStatus.NoSession, $"the command ended with status {control.Exited.Task.Result}, but the machine did not power off")
            : null;
    }

    // Completes only when the drain fails. It ends without failure a moment before QEMU does, which must not end QEMU.
    private static async Task FailureOfAsync(Task drain, CancellationToken cancellation)
    {
        try
        {
            await drain;
        }
        catch (IOException)
        {
            return;
        }

        await Task.Delay(System.Threading.Timeout.Infinite, cancellation);
    }

    private async Task PowerOffLimitAsync(CancellationToken cancellation)
    {
        await control.Exited.Task.WaitAsync(cancellation);
        await Task.Delay(LongestPowerOff, cancellation);
    }

    private RunResult Judge(int exitCode)
    {
        bool poweredOff = exitCode is 0 or QemuCommandLine.PowerOffExitCode;
        if (control.Violation is string line)
            return Result(RunStatus.NoSession, $"unexpected text on the control port: {line}");
        if (poweredOff && control.Exited.Task.IsCompleted)
            return Result(control.Exited.Task.Result, null);
        string stage = control.Exited.Task.IsCompleted ? "while it powered off"
            : control.Ready.Task.IsCompleted ? "during the session"
            : "before the session";
        string messages = emulatorMessages.Count == 0 ? "" : ": " + string.Join("; ", emulatorMessages);
        return Result(RunStatus.NoSession, $"the system ended {stage} (exit code of QEMU: {exitCode}){messages}");
    }

    private RunResult Result(int status, string? failure) => new(status, directory.MainLog(request.System), failure);

    private Task Receive(ReadOnlySpan<byte> bytes)
    {
        control.Receive(bytes);
        return Task.CompletedTask;
    }

    private static async Task WriteAsync(Stream output, ReadOnlyMemory<byte> bytes)
    {
        await output.WriteAsync(bytes);
        await output.FlushAsync();
    }
}
