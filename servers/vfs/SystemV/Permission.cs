using System.Buffers.Binary;
using Servers.Vfs.Objects;

namespace Servers.Vfs.SystemV;

/// <summary>Owner, creator and mode of an object of System V IPC, and who may what with it: ipc(5), "Resource access permissions".</summary>
public sealed class Permission
{
    private const int OwnerShift = 6, GroupShift = 3;
    private const uint One = 7; // the bits of one class

    /// <summary>Of an object that somebody makes.</summary>
    public Permission(int key, uint mode, Credentials creator)
    {
        Key = key;
        Mode = mode & SystemVNumbers.ModeMask;
        (CreatorUser, CreatorGroup) = (UserId, GroupId) = (creator.UserId, creator.GroupId);
    }

    /// <summary>The key; <see cref="SystemVNumbers.Private"/>: it has none.</summary>
    public int Key { get; internal set; }

    /// <summary>Owner.</summary>
    public uint UserId { get; private set; }

    /// <summary>Its group.</summary>
    public uint GroupId { get; private set; }

    /// <summary>Who made it.</summary>
    public uint CreatorUser { get; }

    /// <summary>Group of who made it.</summary>
    public uint CreatorGroup { get; }

    /// <summary>The nine bits, and those that the kind of object has beside them.</summary>
    public uint Mode { get; set; }

    /// <summary>Whether all bits are granted that stand in any of the three classes of <paramref name="wanted"/>.</summary>
    public bool Grants(Credentials credentials, uint wanted)
    {
        uint bits = (wanted >> OwnerShift | wanted >> GroupShift | wanted) & One;
        uint granted = Mode;
        if (IsOwner(credentials))
            granted >>= OwnerShift;
        else if (credentials.IsMember(GroupId) || credentials.IsMember(CreatorGroup))
            granted >>= GroupShift;
        return (bits & ~granted) == 0 || credentials.IsPrivileged;
    }

    /// <summary>May change and remove it.</summary>
    public bool MayChange(Credentials credentials) => IsOwner(credentials) || credentials.IsPrivileged;

    /// <summary>IPC_SET: owner, group and the nine bits, from the head of the structure.</summary>
    public void Set(ReadOnlySpan<byte> record)
    {
        UserId = BinaryPrimitives.ReadUInt32LittleEndian(record[PermissionLayout.User..]);
        GroupId = BinaryPrimitives.ReadUInt32LittleEndian(record[PermissionLayout.Group..]);
        uint mode = BinaryPrimitives.ReadUInt32LittleEndian(record[PermissionLayout.Mode..]);
        Mode = (Mode & ~SystemVNumbers.ModeMask) | (mode & SystemVNumbers.ModeMask);
    }

    /// <summary>Writes the head of the structure, <see cref="PermissionLayout"/>.</summary>
    public void Write(Span<byte> record, int sequence)
    {
        BinaryPrimitives.WriteInt32LittleEndian(record[PermissionLayout.Key..], Key);
        BinaryPrimitives.WriteUInt32LittleEndian(record[PermissionLayout.User..], UserId);
        BinaryPrimitives.WriteUInt32LittleEndian(record[PermissionLayout.Group..], GroupId);
        BinaryPrimitives.WriteUInt32LittleEndian(record[PermissionLayout.CreatorUser..], CreatorUser);
        BinaryPrimitives.WriteUInt32LittleEndian(record[PermissionLayout.CreatorGroup..], CreatorGroup);
        BinaryPrimitives.WriteUInt32LittleEndian(record[PermissionLayout.Mode..], Mode);
        BinaryPrimitives.WriteUInt16LittleEndian(record[PermissionLayout.Sequence..], (ushort)sequence);
    }

    private bool IsOwner(Credentials credentials) => credentials.UserId == UserId || credentials.UserId == CreatorUser;
}
