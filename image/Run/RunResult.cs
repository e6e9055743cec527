namespace Microkernel.Image.Run;

/// <summary>How a run ended.</summary>
/// <param name="ExitStatus">The command's status, or one of <see cref="RunStatus"/>.</param>
/// <param name="LogPath">The log that tells what the system did.</param>
/// <param name="Failure">Why the run has no status of the command, or null.</param>
public sealed record RunResult(int ExitStatus, string LogPath, string? Failure);

/// <summary>Statuses that are not the command's.</summary>
public static class RunStatus
{
    /// <summary>A variable is unknown or its value is wrong; nothing was built or started.</summary>
    public const int WrongVariables = 2;

    /// <summary>TIMEOUT has passed; the same number as timeout(1) uses.</summary>
    public const int TimedOut = 124;

    /// <summary>The system panicked or never came up, or the machine could not be started.</summary>
    public const int NoSession = 125;

    /// <summary>Whoever read the output has gone: 128 + SIGPIPE.</summary>
    public const int OutputClosed = 141;

    /// <summary>Ended from outside: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
