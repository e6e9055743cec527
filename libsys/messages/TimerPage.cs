namespace Libsys.Messages;

/// <summary>
/// What a timerfd(2) has in its page beside the words of <see cref="EventCounterPage"/>, and the rules of it: the same for vfs and the personality. The two
/// words change at once (16 bytes). Whoever has the page may have written anything there, so the rules hold for all values. docs/memory-sources.md.
/// </summary>
public static class TimerPage
{
    /// <summary>Offset of when the first expiration is that nobody has read, nanoseconds since boot; 0: disarmed. At a multiple of 16.</summary>
    public const uint Expiry = 32;

    /// <summary>Offset of the interval, nanoseconds; 0: expires once.</summary>
    public const uint Interval = 40;

    /// <summary>The latest time, 292 years after boot: what lies beyond is then.</summary>
    private const ulong Latest = long.MaxValue;

    /// <summary>
    /// When a timer expires first that is set now. What is given counts from now, or from the start of a clock that was at <paramref name="offset"/> when the
    /// machine booted. 0 if it is disarmed.
    /// </summary>
    public static ulong First(ulong given, bool isAbsolute, ulong now, ulong offset)
    {
        if (given == 0)
            return 0;
        ulong first = !isAbsolute ? unchecked(now + given) : given > offset ? given - offset : 1;
        return (!isAbsolute && first < now) || first > Latest ? Latest : first;
    }

    /// <summary>How often it has expired without being read.</summary>
    public static ulong Expirations(ulong expiry, ulong interval, ulong now) =>
        expiry == 0 || now < expiry ? 0 : interval == 0 ? 1 : (now - expiry) / interval + 1;

    /// <summary>
    /// How many edges it has beside those that the page counts. As on Linux the first expiration is one, and those after it are none, until somebody reads or
    /// sets it; that is when it is counted.
    /// </summary>
    public static uint Edges(ulong expiry, ulong now) => expiry != 0 && now >= expiry ? 1u : 0;

    /// <summary>Its expiry when so many expirations have been read.</summary>
    public static ulong After(ulong expiry, ulong interval, ulong taken) => interval == 0 ? 0 : unchecked(expiry + taken * interval);

    /// <summary>Nanoseconds to the next expiration; 0: there is none.</summary>
    public static ulong Remaining(ulong expiry, ulong interval, ulong now) =>
        expiry == 0 ? 0 : now < expiry ? expiry - now : interval == 0 ? 0 : interval - (now - expiry) % interval;
}

/// <summary>What <see cref="VfsOperation.SetTimer"/> does.</summary>
public enum TimerSetting : uint
{
    /// <summary>The time counts from now.</summary>
    Relative = 0,
    /// <summary>The time is one of the timer's clock.</summary>
    Absolute = 1,
    /// <summary>Nothing is set.</summary>
    Look = 2,
}
