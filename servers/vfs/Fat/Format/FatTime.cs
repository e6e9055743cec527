namespace Servers.Vfs.Fat;

/// <summary>Times of directory entries as nanoseconds since 1970.</summary>
internal static class FatTime
{
    private const long Second = 1_000_000_000, SecondsPerMinute = 60;
    private const int FirstYear = 1980;

    /// <summary>A date, and a time of two seconds each, of a place whose clocks are so many minutes ahead of UTC.</summary>
    public static long Of(ushort date, ushort time, int minutesAhead)
    {
        // Day and month 0 are none of the calendar: the first ones.
        int year = FirstYear + (date >> 9), month = Math.Clamp(date >> 5 & 15, 1, 12), day = Math.Max(date & 31, 1);
        long days = (new DateTime(year, month, 1, 0, 0, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Days + day - 1;
        long seconds = days * 86_400 + (time >> 11) * 3_600 + (time >> 5 & 63) * SecondsPerMinute + (time & 31) * 2;
        return (seconds - minutesAhead * SecondsPerMinute) * Second;
    }
}
