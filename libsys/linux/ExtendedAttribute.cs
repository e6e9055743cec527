namespace Libsys.Linux;

/// <summary>Numbers of setxattr(2) and its relatives, xattr(7).</summary>
public static class ExtendedAttribute
{
    /// <summary>Flags of setxattr(2): there must be none yet, or one.</summary>
    public const uint Create = 1, Replace = 2;

    /// <summary>Longest name (XATTR_NAME_MAX), longest value (XATTR_SIZE_MAX) and longest list of names (XATTR_LIST_MAX), bytes.</summary>
    public const uint LongestName = 255, LongestValue = 65_536, LongestList = 65_536;

    /// <summary>Where the flags stand above the length of a name in requests to vfs.</summary>
    public const int FlagShift = 32;
}
