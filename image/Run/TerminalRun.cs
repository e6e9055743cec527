namespace Microkernel.Image.Run;

/// <summary>Boots a system with its console on this terminal, until it powers off or ^A x.</summary>
public static class TerminalRun
{
    /// <summary>What a person must know who sits before the machine's terminal; the last line of the tool's own before the machine starts.</summary>
    public const string Banner = "^A x ends QEMU, ^A c shows its monitor, ^A ^A is ^A";

    /// <summary>Runs an interactive shell. Status 0 after a power-off.</summary>
    /// <exception cref="ImageException">The machine cannot be started.</exception>
    public static async Task<RunResult> RunAsync(
        RepositoryLayout repository, RunRequest request, Action<string> logNamed, CancellationToken cancellation)
    {
        using RunDirectory directory = RunDirectory.Create(repository);
        (MachineSettings settings, BootFiles files) = PreparedRun.Make(repository, request with { Terminal = HostTerminal.Ask() }, directory.Scratch);
        if (request.System == TargetSystem.Microkernel)
            logNamed(directory.KernelLog);

        var ports = new QemuPorts(
            QemuPorts.Terminal("console"),
            QemuPorts.Nowhere("output"),
            QemuPorts.Nowhere("control"),
            QemuPorts.File("log", directory.KernelLog));
        List<string> arguments = QemuCommandLine.Build(request, settings.Cpus, settings.Memory, files, ports);
        Console.Error.WriteLine($"run: {Banner}");
        using QemuProcess qemu = QemuProcess.Start(arguments, Console.Error.WriteLine);
        await Task.WhenAny(qemu.Exit, Task.Delay(Timeout.Infinite, cancellation));
        int exitCode = await qemu.TerminateAsync();
        return exitCode is 0 or QemuCommandLine.PowerOffExitCode
            ? new RunResult(0, directory.KernelLog, null)
            : new RunResult(RunStatus.NoSession, directory.KernelLog, $"the system ended (exit code of QEMU: {exitCode})");
    }
}
