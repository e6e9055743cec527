namespace Servers.Vfs.Objects;

/// <summary>
/// What chmod(2), chown(2), utimensat(2) and truncate(2) change, all at once: null stays as it is. Permissions have been checked, and what falls along with a
/// change (set-id bits, times) is in it.
/// </summary>
public readonly record struct AttributeChange
{
    /// <summary>A change at a time, which becomes the change time.</summary>
    public AttributeChange(long now) => ChangeTime = now;

    /// <summary>Permission bits, with or without the type, which cannot change.</summary>
    public uint? Mode { get; init; }

    /// <summary>Owner.</summary>
    public uint? UserId { get; init; }

    /// <summary>Group.</summary>
    public uint? GroupId { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public long? AccessTime { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public long? ModifyTime { get; init; }

    /// <summary>Nanoseconds since 1970: when the attributes changed.</summary>
    public long ChangeTime { get; }

    /// <summary>Length of a regular file.</summary>
    public long? Size { get; init; }
}
