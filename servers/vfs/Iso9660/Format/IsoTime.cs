namespace Servers.Vfs.Iso9660;

/// <summary>Times as nanoseconds since 1970.</summary>
internal static class IsoTime
{
    /// <summary>Bytes of a time in a directory record, ECMA-119 9.1.5.</summary>
    public const int ShortLength = 7;

    /// <summary>Bytes of one in digits, ECMA-119 8.4.26.1.</summary>
    public const int LongLength = 17;

    private const long Second = 1_000_000_000, ZoneSeconds = 15 * 60;

    /// <summary>Years since 1900, month, day, hour, minute, second, and quarters of an hour east of Greenwich.</summary>
    public static long OfShort(ReadOnlySpan<byte> time) => Of(1900 + time[0], time[1], time[2], time[3], time[4], time[5], 0, (sbyte)time[6]);

    /// <summary>The same in digits, with hundredths of a second.</summary>
    public static long OfLong(ReadOnlySpan<byte> time) => Of(
        Digits(time[..4]), Digits(time[4..6]), Digits(time[6..8]), Digits(time[8..10]), Digits(time[10..12]), Digits(time[12..14]), Digits(time[14..16]),
        (sbyte)time[16]);

    private static int Digits(ReadOnlySpan<byte> text)
    {
        int value = 0;
        foreach (byte digit in text)
            value = value * 10 + (digit - (byte)'0') % 10;
        return Math.Max(value, 0);
    }

    // Days of the proleptic Gregorian calendar; numbers that no calendar has are taken as they are, as on Linux.
    private static long Of(int year, int month, int day, int hour, int minute, int second, int hundredth, sbyte zone)
    {
        const int mostQuarters = 52;
        const long daysBefore1970 = 719_499;
        month -= 2;
        if (month <= 0)
            (month, year) = (month + 12, year - 1);
        long days = year / 4 - year / 100 + year / 400 + 367 * month / 12 + day + (long)year * 365 - daysBefore1970;
        long seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
        if (zone is >= -mostQuarters and <= mostQuarters)
            seconds -= zone * ZoneSeconds;
        return seconds * Second + hundredth * (Second / 100);
    }
}
