namespace Servers.Processes.Tree;

/// <summary>Wait statuses as wait4(2) reports them.</summary>
internal static class WaitStatus
{
    /// <summary>The process was continued.</summary>
    public const int Continued = 0xFFFF;

    /// <summary>Ended by a signal, without core file.</summary>
    public static int Killed(int signal) => signal;

    /// <summary>Stopped by a signal.</summary>
    public static int Stopped(int signal) => signal << 8 | 0x7F;

    /// <summary>
    /// Takes what a program claims about its own end and leaves a valid status of an ended process. No core file is ever written, so none is reported.
    /// </summary>
    public static int Sanitize(ulong claimed)
    {
        int signal = (int)claimed & 0x7F;
        return signal is 0 or 0x7F ? (int)claimed & 0xFF00 : signal;
    }

    /// <summary>si_code of SIGCHLD for the status of an ended process.</summary>
    public static int CodeOf(int status) => (status & 0x7F) == 0 ? Signals.CLD_EXITED : Signals.CLD_KILLED;

    /// <summary>si_status of SIGCHLD for the status of an ended process: exit code or signal.</summary>
    public static int ValueOf(int status) => (status & 0x7F) == 0 ? status >> 8 & 0xFF : status & 0x7F;
}
