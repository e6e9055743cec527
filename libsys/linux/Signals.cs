namespace Libsys.Linux;

/// <summary>Signal numbers of Linux x86-64, signal(7), and sets of them: bit n − 1 is signal n.</summary>
public static class Signals
{
#pragma warning disable CS1591 // Linux' own names
    public const int SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGILL = 4, SIGTRAP = 5, SIGABRT = 6, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGUSR1 = 10, SIGSEGV = 11,
        SIGUSR2 = 12, SIGPIPE = 13, SIGALRM = 14, SIGTERM = 15, SIGSTKFLT = 16, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGTSTP = 20, SIGTTIN = 21,
        SIGTTOU = 22,
        SIGURG = 23, SIGXCPU = 24, SIGXFSZ = 25, SIGVTALRM = 26, SIGPROF = 27, SIGWINCH = 28, SIGIO = 29, SIGPWR = 30, SIGSYS = 31;

    // si_code values, sigaction(2): by kill(2), by the kernel, by sigqueue(3), by a timer, by tgkill(2); and those of SIGCHLD.
    public const int SI_USER = 0, SI_KERNEL = 0x80, SI_QUEUE = -1, SI_TIMER = -2, SI_TKILL = -6;
    public const int CLD_EXITED = 1, CLD_KILLED = 2, CLD_STOPPED = 5, CLD_CONTINUED = 6;
#pragma warning restore CS1591

    /// <summary>Lowest signal number.</summary>
    public const int First = 1;

    /// <summary>Highest signal number.</summary>
    public const int Last = 64;

    /// <summary>First real-time signal: each one sent is kept, not just the first.</summary>
    public const int FirstRealTime = 32;

    /// <summary>SIGKILL and SIGSTOP.</summary>
    public const ulong Unblockable = 1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1);

    /// <summary>Signals raised by an instruction; Linux delivers them before others.</summary>
    public const ulong Synchronous =
        1ul << (SIGSEGV - 1) | 1ul << (SIGBUS - 1) | 1ul << (SIGILL - 1) | 1ul << (SIGTRAP - 1) | 1ul << (SIGFPE - 1) | 1ul << (SIGSYS - 1);

    /// <summary>Default action: nothing (signal(7)).</summary>
    public const ulong IgnoredByDefault = 1ul << (SIGCHLD - 1) | 1ul << (SIGCONT - 1) | 1ul << (SIGURG - 1) | 1ul << (SIGWINCH - 1);

    /// <summary>Default action: stop.</summary>
    public const ulong StopByDefault = 1ul << (SIGSTOP - 1) | 1ul << (SIGTSTP - 1) | 1ul << (SIGTTIN - 1) | 1ul << (SIGTTOU - 1);

    /// <summary>Default action: terminate with core.</summary>
    public const ulong CoreByDefault = 1ul << (SIGQUIT - 1) | 1ul << (SIGILL - 1) | 1ul << (SIGTRAP - 1) | 1ul << (SIGABRT - 1) | 1ul << (SIGBUS - 1)
        | 1ul << (SIGFPE - 1) | 1ul << (SIGSEGV - 1) | 1ul << (SIGXCPU - 1) | 1ul << (SIGXFSZ - 1) | 1ul << (SIGSYS - 1);

    /// <summary>The set with one signal.</summary>
    public static ulong Of(int signal) => 1ul << (signal - 1);

    /// <summary>The set with one signal.</summary>
    public static ulong Of(uint signal) => 1ul << (int)(signal - 1);

    /// <summary>True for a signal that exists.</summary>
    public static bool IsValid(int signal) => signal is >= First and <= Last;

    /// <summary>True for a signal that exists.</summary>
    public static bool IsValid(uint signal) => signal - First < Last;
}
