namespace Libsys.Linux;

/// <summary>Device numbers as stat(2) gives them: major in bits 8 to 19, minor in bits 0 to 7 and 20 to 31.</summary>
public static class DeviceNumber
{
    /// <summary>Puts the two parts together.</summary>
    public static uint Make(uint major, uint minor) => (minor & 0xFF) | (major << 8) | ((minor & ~0xFFu) << 12);

    /// <summary>Major number.</summary>
    public static uint Major(uint device) => (device >> 8) & 0xFFF;

    /// <summary>Minor number.</summary>
    public static uint Minor(uint device) => (device & 0xFF) | ((device >> 12) & 0xFFF00);
}
