namespace Servers.Vfs.Waiting;

/// <summary>What a handler answers: a value ≥ 0, −errno, or <see cref="Waiting"/>.</summary>
public static class Outcome
{
    /// <summary>
    /// The request waits; it completes later: what <see cref="Of"/> makes of <see cref="WaitErrno"/>'s Wait, so that it goes up like any error.
    /// </summary>
    public const long Waiting = -0x10000;

    /// <summary>−errno, or 0.</summary>
    public static long Of(Errno error) => -(long)error;
}
