namespace Servers.Vfs.Waiting;

/// <summary>The one answer of an operation that is not an error number of Linux.</summary>
public static class WaitErrno
{
    // Beyond MAX_ERRNO (4095), the largest number that a call's result can carry: no client ever sees it.
    private const Errno Value = (Errno)0x10000;

    extension(Errno)
    {
        /// <summary>
        /// Nothing has happened; the request has joined a queue (<see cref="Objects.OperationContext.WaitOn"/>) and is to be tried again from its start. Handed
        /// up like an error, by the same statements.
        /// </summary>
        public static Errno Wait => Value;
    }
}
