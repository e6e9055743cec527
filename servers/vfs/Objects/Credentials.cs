namespace Servers.Vfs.Objects;

/// <summary>Who asks, as the process server told: never from the client itself.</summary>
public sealed class Credentials
{
    /// <summary>The superuser, which every process starts as until the process server says otherwise.</summary>
    public static readonly Credentials Root = new(0, 0, 0, 0, []);

    private readonly uint[] groups;

    /// <summary>Credentials of one process.</summary>
    public Credentials(uint userId, uint groupId, uint realUserId, uint realGroupId, uint[] groups)
    {
        UserId = userId;
        GroupId = groupId;
        RealUserId = realUserId;
        RealGroupId = realGroupId;
        this.groups = groups;
    }

    /// <summary>File system user id.</summary>
    public uint UserId { get; }

    /// <summary>File system group id.</summary>
    public uint GroupId { get; }

    /// <summary>Real user id, which access(2) asks about.</summary>
    public uint RealUserId { get; }

    /// <summary>Real group id.</summary>
    public uint RealGroupId { get; }

    /// <summary>Supplementary groups.</summary>
    public ReadOnlySpan<uint> Groups => groups;

    /// <summary>True for user 0, which holds CAP_CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD and SYS_ADMIN, capabilities(7).</summary>
    public bool IsPrivileged => UserId == 0;

    /// <summary>True if <paramref name="group"/> is the group or a supplementary group.</summary>
    public bool IsMember(uint group) => group == GroupId || groups.AsSpan().Contains(group);

    /// <summary>The same process as access(2) sees it: with its real ids.</summary>
    public Credentials WithRealIds() => new(RealUserId, RealGroupId, RealUserId, RealGroupId, groups);
}
