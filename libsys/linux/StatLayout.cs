namespace Libsys.Linux;

/// <summary>Linux' x86-64 struct stat, stat(2): lengths and offsets in bytes. vfs writes it, the personality passes it on and makes statx(2) from it.</summary>
public static class StatLayout
{
    /// <summary>Bytes of the structure.</summary>
    public const int Length = 144;

#pragma warning disable CS1591 // st_dev, st_ino and so on; times are seconds and nanoseconds, 8 bytes each
    public const int Device = 0, Number = 8, LinkCount = 16, Mode = 24, UserId = 28, GroupId = 32, SpecialDevice = 40, Size = 48, BlockSize = 56, Blocks = 64,
        AccessTime = 72, ModifyTime = 88, ChangeTime = 104;
#pragma warning restore CS1591
}

/// <summary>Linux' x86-64 struct statfs, statfs(2).</summary>
public static class StatFsLayout
{
    /// <summary>Bytes of the structure.</summary>
    public const int Length = 120;
}
