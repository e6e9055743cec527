namespace Servers.Vfs.Attributes;

/// <summary>Namespaces of extended attributes, xattr(7).</summary>
public enum AttributeSpace
{
    /// <summary>None that is known here: access control lists (system.posix_acl_access) are not kept.</summary>
    None,

    /// <summary>"user.": who may read or write the file.</summary>
    User,

    /// <summary>"trusted.": root only.</summary>
    Trusted,

    /// <summary>"security.": everybody reads, root writes.</summary>
    Security,
}

/// <summary>Names of extended attributes: a namespace, and what stands behind it.</summary>
public static class AttributeName
{
    private const byte Dot = (byte)'.';

    /// <summary>What file capabilities are kept as, capabilities(7).</summary>
    public static ReadOnlySpan<byte> Capabilities => "security.capability"u8;

    /// <summary>Splits a name. EOPNOTSUPP for a namespace that is not known, EINVAL for one with nothing behind it.</summary>
    public static Errno Split(ReadOnlySpan<byte> name, out AttributeSpace space, out ReadOnlySpan<byte> suffix)
    {
        space = SpaceOf(name);
        suffix = space == AttributeSpace.None ? default : name[(name.IndexOf(Dot) + 1)..];
        return space == AttributeSpace.None ? Errno.EOPNOTSUPP : suffix.IsEmpty ? Errno.EINVAL : Errno.None;
    }

    /// <summary>The namespace by which permissions go, whatever stands behind it.</summary>
    public static AttributeSpace SpaceOf(ReadOnlySpan<byte> name) =>
        name.StartsWith("user."u8) ? AttributeSpace.User
            : name.StartsWith("trusted."u8) ? AttributeSpace.Trusted
            : name.StartsWith("security."u8) ? AttributeSpace.Security : AttributeSpace.None;

    /// <summary>The name's beginning, with the dot.</summary>
    public static ReadOnlySpan<byte> PrefixOf(AttributeSpace space) => space switch
    {
        AttributeSpace.User => "user."u8,
        AttributeSpace.Trusted => "trusted."u8,
        AttributeSpace.Security => "security."u8,
        _ => default,
    };
}
