using System.Buffers.Binary;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Attributes;

/// <summary>Who may read and write which extended attributes, xattr(7) and capabilities(7).</summary>
public static class AttributePermission
{
    // Layout of security.capability, linux/capability.h of the kernel's interface: a revision with a flag, two pairs of sets, and from the third on an owner.
    private const uint RevisionMask = 0xFF00_0000, SecondRevision = 0x0200_0000, ThirdRevision = 0x0300_0000;
    private const int SecondLength = 20, ThirdLength = 24;

    /// <summary>May who asks read it? ENODATA where he is told that there is none.</summary>
    public static Errno CheckRead(OperationContext context, Inode inode, ReadOnlySpan<byte> name) => AttributeName.SpaceOf(name) switch
    {
        AttributeSpace.Security => Errno.None,
        AttributeSpace.Trusted => context.Credentials.IsPrivileged ? Errno.None : Errno.ENODATA,
        AttributeSpace.User when !HasUserAttributes(inode) => Errno.ENODATA,
        _ when IsSystem(name) => Errno.None,
        _ => Permission.Check(context, inode, AccessMode.Read),
    };

    /// <summary>May who asks set or remove it?</summary>
    public static Errno CheckWrite(OperationContext context, Inode inode, ReadOnlySpan<byte> name)
    {
        bool isPrivileged = context.Credentials.IsPrivileged;
        switch (AttributeName.SpaceOf(name))
        {
            case AttributeSpace.Security:
            case AttributeSpace.Trusted:
                return isPrivileged ? Errno.None : Errno.EPERM;
            case AttributeSpace.User when !HasUserAttributes(inode):
                return Errno.EPERM;
            case AttributeSpace.User when inode.IsDirectory:
                // Anybody may write to a directory such as /tmp, and could fill the quota of its owner.
                Errno error = inode.Refresh(context);
                if (error == Errno.None && (inode.Mode & InodeMode.Sticky) != 0 && !Permission.OwnsOrOverrides(inode, context.Credentials))
                    error = Errno.EPERM;
                return error == Errno.None ? Permission.Check(context, inode, AccessMode.Write) : error;
            default:
                return IsSystem(name) ? Errno.None : Permission.Check(context, inode, AccessMode.Write);
        }
    }

    /// <summary>EINVAL for a value that the name cannot have: security.capability is read by exec.</summary>
    public static Errno CheckValue(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // An empty one means nothing, and Linux does not look at it.
        if (!name.SequenceEqual(AttributeName.Capabilities) || value.IsEmpty)
            return Errno.None;
        uint revision = value.Length < sizeof(uint) ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(value) & RevisionMask;
        return (revision, value.Length) is (SecondRevision, SecondLength) or (ThirdRevision, ThirdLength) ? Errno.None : Errno.EINVAL;
    }

    // The permission bits of links and devices mean something else.
    private static bool HasUserAttributes(Inode inode) => inode.IsRegular || inode.IsDirectory;

    private static bool IsSystem(ReadOnlySpan<byte> name) => name.StartsWith("system."u8);
}
