using Servers.Vfs.Linux;

namespace Servers.Vfs.Requests;

/// <summary>What a handler answers: a value ≥ 0, −errno, or <see cref="Waiting"/>.</summary>
public static class Outcome
{
    /// <summary>The request waits; it completes later. No error number comes near this value.</summary>
    public const long Waiting = long.MinValue;

    /// <summary>−errno, or 0.</summary>
    public static long Of(Errno error) => -(long)error;
}
