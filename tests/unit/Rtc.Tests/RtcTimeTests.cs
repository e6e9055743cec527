using CsCheck;

namespace Servers.Drivers.Rtc.Tests;

/// <summary>struct rtc_time, which a program fills.</summary>
public sealed class RtcTimeTests
{
    [Fact]
    public void What_is_written_is_read_back() =>
        Gen.DateTime[new DateTime(1970, 1, 1), new DateTime(9999, 12, 31)].Sample(given =>
        {
            DateTime time = new(given.Ticks - given.Ticks % TimeSpan.TicksPerSecond, DateTimeKind.Utc);
            byte[] structure = new byte[RtcTime.Length];
            RtcTime.Write(time, structure);
            Assert.True(RtcTime.TryRead(structure, out DateTime read));
            Assert.Equal(time, read);
        });

    [Fact]
    public void Whatever_a_program_writes_is_a_time_or_refused() =>
        Gen.OneOf(Gen.Int, Gen.Int[-1, 130]).Array[9].Sample(fields =>
        {
            byte[] structure = [.. fields.SelectMany(BitConverter.GetBytes)];
            if (!RtcTime.TryRead(structure, out DateTime time))
                return;
            Assert.Equal(fields[..6], new[] { time.Second, time.Minute, time.Hour, time.Day, time.Month - 1, time.Year - 1900 });
        });
}
