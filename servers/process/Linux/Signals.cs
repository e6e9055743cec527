namespace Servers.Processes.Linux;

/// <summary>Signal numbers of Linux x86-64, signal(7), and sets of them (bit n − 1 = signal n).</summary>
internal static class Signals
{
#pragma warning disable CS1591 // the names are Linux' own
    public const int SIGHUP = 1, SIGKILL = 9, SIGSEGV = 11, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22;
#pragma warning restore CS1591

    /// <summary>Highest signal number.</summary>
    public const int Last = 64;

    /// <summary>First real-time signal: each one sent is kept, not just the first.</summary>
    public const int FirstRealTime = 32;

    /// <summary>Signals whose default action stops.</summary>
    public static readonly ulong Stopping = Set(SIGSTOP) | Set(SIGTSTP) | Set(SIGTTIN) | Set(SIGTTOU);

    /// <summary>si_code: sent by kill(2).</summary>
    public const int SI_USER = 0;

    /// <summary>si_code: sent by the kernel.</summary>
    public const int SI_KERNEL = 128;

    /// <summary>si_code of SIGCHLD, sigaction(2).</summary>
    public const int CLD_EXITED = 1, CLD_KILLED = 2, CLD_STOPPED = 5, CLD_CONTINUED = 6;

    /// <summary>The set of one signal.</summary>
    public static ulong Set(int signal) => 1ul << (signal - 1);

    /// <summary>True for a signal that exists.</summary>
    public static bool IsValid(int signal) => signal is >= 1 and <= Last;
}
