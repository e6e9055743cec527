namespace Libsys.Personality;

/// <summary>struct timespec: seconds, nanoseconds, 8 bytes each.</summary>
internal static unsafe class TimeSpecification
{
    /// <summary>Nanoseconds in a second.</summary>
    public const ulong Second = 1_000_000_000;

    // More seconds than this do not fit 64-bit nanoseconds: for ever (292 years).
    private const ulong MostSeconds = long.MaxValue / Second - 1;

    /// <summary>Reads one. Returns 0, -EFAULT or -EINVAL.</summary>
    public static long Read(ulong address, out ulong nanoseconds)
    {
        nanoseconds = 0;
        if (!UserMemory.ReadU64(address, out ulong seconds) || !UserMemory.ReadU64(address + 8, out ulong part))
            return -Errno.EFAULT;
        return Combine(seconds, part, Second, 1, out nanoseconds);
    }

    /// <summary>Reads a struct timeval (seconds, microseconds).</summary>
    public static long ReadMicroseconds(ulong address, out ulong nanoseconds)
    {
        nanoseconds = 0;
        if (!UserMemory.ReadU64(address, out ulong seconds) || !UserMemory.ReadU64(address + 8, out ulong part))
            return -Errno.EFAULT;
        return Combine(seconds, part, 1_000_000, 1000, out nanoseconds);
    }

    /// <summary>Writes one.</summary>
    public static bool Write(ulong address, ulong nanoseconds) =>
        UserMemory.WriteU64(address, nanoseconds / Second) && UserMemory.WriteU64(address + 8, nanoseconds % Second);

    /// <summary>Writes a struct timeval.</summary>
    public static bool WriteMicroseconds(ulong address, ulong nanoseconds) =>
        UserMemory.WriteU64(address, nanoseconds / Second) && UserMemory.WriteU64(address + 8, nanoseconds % Second / 1000);

    private static long Combine(ulong seconds, ulong part, ulong partLimit, ulong scale, out ulong nanoseconds)
    {
        nanoseconds = 0;
        if ((long)seconds < 0 || part >= partLimit)
            return -Errno.EINVAL;
        nanoseconds = seconds > MostSeconds ? long.MaxValue : seconds * Second + part * scale;
        return 0;
    }
}
