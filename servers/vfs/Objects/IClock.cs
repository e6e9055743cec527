namespace Servers.Vfs.Objects;

/// <summary>Time from the kernel's page.</summary>
public interface IClock
{
    /// <summary>Nanoseconds since boot.</summary>
    long Monotonic { get; }

    /// <summary>Nanoseconds since 1970, UTC.</summary>
    long Wall { get; }
}
