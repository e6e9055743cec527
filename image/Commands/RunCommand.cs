using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microkernel.Image.Run;
using Microsoft.Win32.SafeHandles;

namespace Microkernel.Image.Commands;

/// <summary><c>image run VAR=value ...</c>: boots a system in QEMU; <c>./run</c> builds what is missing and then starts this.</summary>
internal static class RunCommand
{
    // Enough for a stack trace and what led to it.
    private const int LogLinesShown = 40;

    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create()
    {
        var variables = new Argument<string[]>("variables") { Description = "VAR=value: " + string.Join(", ", RunVariables.Names) };
        var command = new Command("run", "Boots a system in QEMU: a shell on this terminal, or one command with EXEC.") { variables };
        command.SetAction((result, _) => RunAsync(result.GetValue(variables)!.Length));
        return command;
    }

    private static async Task<int> RunAsync(int count)
    {
        using var interrupted = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = CancelOn(PosixSignal.SIGINT, interrupted);
        using PosixSignalRegistration terminate = CancelOn(PosixSignal.SIGTERM, interrupted);
        using PosixSignalRegistration hangUp = CancelOn(PosixSignal.SIGHUP, interrupted);
        try
        {
            RepositoryLayout repository = RepositoryLayout.Find();
            if (!TryParse(count, out RunRequest? request))
                return RunStatus.WrongVariables;
            if (request.WaitsForDebugger)
                Console.Error.WriteLine("run: QEMU waits for gdb (target remote :1234)");
            RunResult result = request.Command is not null
                ? await CommandRun.RunAsync(repository, request, OpenOutput(), NameLog, interrupted.Token)
                : Console.IsInputRedirected
                ? await InputRun.RunAsync(repository, request, Console.OpenStandardInput(), OpenOutput(), NameLog, interrupted.Token)
                : await TerminalRun.RunAsync(repository, request, NameLog, interrupted.Token);
            Report(result);
            return result.ExitStatus;
        }
        catch (ImageException error)
        {
            Console.Error.WriteLine($"run: {error.Message}");
            return RunStatus.NoSession;
        }
    }

    // ./run has checked names and values before the build; this holds for whoever calls the tool itself.
    private static bool TryParse(int count, [NotNullWhen(true)] out RunRequest? request)
    {
        try
        {
            request = RunVariables.Parse(RawArguments.Last(count));
            return request is not { Command: null, Timeout: not null } || Console.IsInputRedirected
                ? true
                : throw new ImageException("TIMEOUT needs EXEC, or input that is no terminal: an interactive shell ends when you end it");
        }
        catch (ImageException error)
        {
            Console.Error.WriteLine($"run: {error.Message}");
            request = null;
            return false;
        }
    }

    // Console.OpenStandardOutput hides that the reader of a pipe has gone, and the machine would run on for nobody. A FileStream in turn writes to a file at
    // positions of its own and leaves the shared one where it was: what wrote next to the same file would write over the output.
    private static Stream OpenOutput()
    {
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }

    private static void NameLog(string path) => Console.Error.WriteLine($"run: log {path}");

    private static void Report(RunResult result)
    {
        if (result.Failure is null)
            return;
        if (result.ExitStatus == RunStatus.NoSession)
        {
            foreach (string line in LogTail.Read(result.LogPath, LogLinesShown))
                Console.Error.WriteLine($"  | {line}");
        }

        Console.Error.WriteLine($"run: {result.Failure}");
    }

    private static PosixSignalRegistration CancelOn(PosixSignal signal, CancellationTokenSource source) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            source.Cancel();
        });
}
