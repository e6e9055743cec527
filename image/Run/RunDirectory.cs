namespace Microkernel.Image.Run;

/// <summary>Files of one run: logs, which stay, and what only QEMU needs, which is removed at the end.</summary>
internal sealed class RunDirectory : IDisposable
{
    // Enough to look back at every boot of one test run.
    private const int RunsKept = 300;

    private readonly string scratch;

    private RunDirectory(string logs, string scratch) => (Logs, this.scratch) = (logs, scratch);

    /// <summary>Directory of the logs.</summary>
    public string Logs { get; }

    /// <summary>The microkernel's log port. With Linux this file does not exist: its log is the console's.</summary>
    public string KernelLog => Path.Combine(Logs, "kernel.log");

    /// <summary>What was written on COM1.</summary>
    public string ConsoleLog => Path.Combine(Logs, "console.log");

    /// <summary>Directory for archives and sockets.</summary>
    public string Scratch => scratch;

    /// <summary>The log that tells what the system did.</summary>
    public string MainLog(TargetSystem system) => system == TargetSystem.Linux ? ConsoleLog : KernelLog;

    /// <summary>Makes the directories, and removes the oldest runs' logs.</summary>
    public static RunDirectory Create(RepositoryLayout repository)
    {
        Directory.CreateDirectory(repository.Runs);
        foreach (string old in Directory.EnumerateDirectories(repository.Runs).Order(StringComparer.Ordinal).SkipLast(RunsKept))
            RemoveQuietly(old);

        // Names sort by time. The process id and a number tell apart what starts in the same millisecond.
        string name = $"{DateTime.UtcNow:yyyyMMdd-HHmmss-fff}-{Environment.ProcessId}-{Interlocked.Increment(ref lastNumber)}";
        string logs = Path.Combine(repository.Runs, name);
        Directory.CreateDirectory(logs);

        // Sockets have names of at most 107 bytes, unix(7), so they cannot lie below the project.
        return new RunDirectory(logs, Directory.CreateTempSubdirectory("run-").FullName);
    }

    /// <inheritdoc/>
    public void Dispose() => RemoveQuietly(scratch);

    private static int lastNumber;

    private static void RemoveQuietly(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (IOException)
        {
            // Another run removes the same directory, which is as good.
        }
    }
}
