using System.Buffers.Binary;

namespace Servers.Drivers.Rtc;

/// <summary>struct rtc_time, rtc(4): nine int: second, minute, hour, day, month from 0, years since 1900, and three that are not used.</summary>
internal static class RtcTime
{
    /// <summary>Bytes.</summary>
    public const int Length = 9 * sizeof(int);

    private const int FirstYear = 1900, FirstOfUnixTime = 1970;

    /// <summary>Writes a time; day of the week, of the year and summer time are 0, as Linux has them for this clock.</summary>
    public static void Write(DateTime time, Span<byte> structure)
    {
        structure[..Length].Clear();
        ReadOnlySpan<int> fields = [time.Second, time.Minute, time.Hour, time.Day, time.Month - 1, time.Year - FirstYear];
        for (int index = 0; index < fields.Length; index++)
            BinaryPrimitives.WriteInt32LittleEndian(structure[(index * sizeof(int))..], fields[index]);
    }

    /// <summary>Reads a time; false for a date or an hour that there is not, and for years before Unix time, as on Linux.</summary>
    public static bool TryRead(ReadOnlySpan<byte> structure, out DateTime time)
    {
        Span<int> fields = stackalloc int[6];
        for (int index = 0; index < fields.Length; index++)
            fields[index] = BinaryPrimitives.ReadInt32LittleEndian(structure[(index * sizeof(int))..]);
        (int second, int minute, int hour, int day, int month, int year) = (fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);
        bool isValid = second is >= 0 and < 60 && minute is >= 0 and < 60 && hour is >= 0 and < 24 && month is >= 0 and < 12
            && year is >= FirstOfUnixTime - FirstYear and <= 9999 - FirstYear && day >= 1 && day <= DateTime.DaysInMonth(year + FirstYear, month + 1);
        time = isValid ? new DateTime(year + FirstYear, month + 1, day, hour, minute, second, DateTimeKind.Utc) : default;
        return isValid;
    }
}
