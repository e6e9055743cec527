namespace Libsys.Personality;

/// <summary>
/// Never seen by programs: how a handler tells the way out what an interrupted call does (signal(7), "Interruption of system calls"). Negated like errors.
/// </summary>
internal static class RestartCodes
{
    extension(Errno)
    {
        /// <summary>Restarted unless a handler without SA_RESTART runs, then EINTR.</summary>
        public static Errno RestartSystemCall => (Errno)512;

        /// <summary>Restarted only if no handler runs, else EINTR.</summary>
        public static Errno RestartNoHandler => (Errno)514;

        /// <summary>Continued by restart_syscall if no handler runs, else EINTR.</summary>
        public static Errno RestartBlock => (Errno)516;

        /// <summary>True for the three codes above, negated.</summary>
        public static bool IsRestart(long result) => (ulong)(result + 516) <= 516 - 512;
    }
}
