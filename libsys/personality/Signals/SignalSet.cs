namespace Libsys.Personality;

/// <summary>Signal numbers and sets of them (signal(7)); bit n−1 of a set is signal n.</summary>
internal static class SignalSet
{
#pragma warning disable CS1591 // Linux' own names
    public const uint SIGHUP = 1, SIGINT = 2, SIGQUIT = 3, SIGILL = 4, SIGTRAP = 5, SIGABRT = 6, SIGBUS = 7, SIGFPE = 8, SIGKILL = 9, SIGUSR1 = 10, SIGSEGV = 11,
        SIGUSR2 = 12, SIGPIPE = 13, SIGALRM = 14, SIGTERM = 15, SIGSTKFLT = 16, SIGCHLD = 17, SIGCONT = 18, SIGSTOP = 19, SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22,
        SIGURG = 23, SIGXCPU = 24, SIGXFSZ = 25, SIGVTALRM = 26, SIGPROF = 27, SIGWINCH = 28, SIGIO = 29, SIGPWR = 30, SIGSYS = 31, First = 1, FirstRealTime = 32, Last = 64;

    // si_code values, sigaction(2).
    public const int SI_USER = 0, SI_KERNEL = 0x80, SI_QUEUE = -1, SI_TIMER = -2, SI_TKILL = -6;
#pragma warning restore CS1591

    /// <summary>The set with one signal.</summary>
    public static ulong Of(uint signal) => 1ul << (int)(signal - 1);

    /// <summary>True for 1 to 64.</summary>
    public static bool IsValid(uint signal) => signal - First < Last;

    /// <summary>SIGKILL and SIGSTOP.</summary>
    public const ulong Unblockable = 1ul << (int)(SIGKILL - 1) | 1ul << (int)(SIGSTOP - 1);

    /// <summary>Signals raised by an instruction; Linux delivers them before others.</summary>
    public const ulong Synchronous = 1ul << (int)(SIGSEGV - 1) | 1ul << (int)(SIGBUS - 1) | 1ul << (int)(SIGILL - 1) | 1ul << (int)(SIGTRAP - 1) |
        1ul << (int)(SIGFPE - 1) | 1ul << (int)(SIGSYS - 1);

    /// <summary>Default action: nothing (signal(7)).</summary>
    public const ulong IgnoredByDefault = 1ul << (int)(SIGCHLD - 1) | 1ul << (int)(SIGCONT - 1) | 1ul << (int)(SIGURG - 1) | 1ul << (int)(SIGWINCH - 1);

    /// <summary>Default action: stop.</summary>
    public const ulong StopByDefault = 1ul << (int)(SIGSTOP - 1) | 1ul << (int)(SIGTSTP - 1) | 1ul << (int)(SIGTTIN - 1) | 1ul << (int)(SIGTTOU - 1);

    /// <summary>Default action: terminate with core.</summary>
    public const ulong CoreByDefault = 1ul << (int)(SIGQUIT - 1) | 1ul << (int)(SIGILL - 1) | 1ul << (int)(SIGTRAP - 1) | 1ul << (int)(SIGABRT - 1) |
        1ul << (int)(SIGBUS - 1) | 1ul << (int)(SIGFPE - 1) | 1ul << (int)(SIGSEGV - 1) | 1ul << (int)(SIGXCPU - 1) | 1ul << (int)(SIGXFSZ - 1) | 1ul << (int)(SIGSYS - 1);
}
