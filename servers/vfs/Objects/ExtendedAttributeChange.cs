namespace Servers.Vfs.Objects;

/// <summary>What setxattr(2) or removexattr(2) changes; whether somebody may has been checked.</summary>
/// <param name="name">With its namespace, 1 to 255 bytes.</param>
/// <param name="value">The new value; null: it goes.</param>
/// <param name="flags"><see cref="ExtendedAttribute"/>'s Create and Replace.</param>
/// <param name="time">Nanoseconds since 1970: the inode's time of change.</param>
public readonly ref struct ExtendedAttributeChange(ReadOnlySpan<byte> name, byte[]? value, uint flags, long time)
{
    /// <summary>With its namespace.</summary>
    public ReadOnlySpan<byte> Name { get; } = name;

    /// <summary>The new value; null: it goes.</summary>
    public byte[]? Value { get; } = value;

    /// <summary>When.</summary>
    public long Time { get; } = time;

    /// <summary>EEXIST or ENODATA if there is one and must not be, or the other way round.</summary>
    public Errno Check(bool isThere) => isThere && (flags & ExtendedAttribute.Create) != 0 ? Errno.EEXIST
        : !isThere && (flags & ExtendedAttribute.Replace) != 0 ? Errno.ENODATA : Errno.None;
}
