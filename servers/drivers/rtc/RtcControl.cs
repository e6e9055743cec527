namespace Servers.Drivers.Rtc;

/// <summary>Numbers for ioctl(2), rtc(4): direction, length, 'p' and a number, as asm-generic/ioctl.h has them.</summary>
internal static class RtcControl
{
    /// <summary>RTC_UIE_ON, RTC_UIE_OFF: read tells of each second's begin, or not.</summary>
    public const uint UpdatesOn = 0x7003, UpdatesOff = 0x7004;

    /// <summary>RTC_RD_TIME, RTC_SET_TIME: <see cref="RtcTime"/>.</summary>
    public const uint ReadTime = 0x8024_7009, SetTime = 0x4024_700A;
}
