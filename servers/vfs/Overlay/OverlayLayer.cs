using Servers.Vfs.Objects;

namespace Servers.Vfs.Overlay;

/// <summary>One of the directories that are laid over each other, with a mount of its own: the file system stays while the overlay is there.</summary>
internal sealed class OverlayLayer
{
    /// <summary>A layer at a place in the tree.</summary>
    public OverlayLayer(Location place, bool isUpper, uint device)
    {
        // Nobody's reading changes the times of what lies below, as on Linux.
        MountFlags flags = isUpper ? MountFlags.RelativeAccessTime : MountFlags.ReadOnly | MountFlags.NoAccessTime;
        Mount = new Mount(0, place.Mount.FileSystem, place.Dentry, "", flags);
        Mount.FileSystem.MountBegins();
        Device = device;
    }

    /// <summary>Hidden: no path leads through it.</summary>
    public Mount Mount { get; }

    /// <summary>The directory.</summary>
    public Dentry Root => Mount.Root;

    /// <summary>st_dev of its files, where the layers are of several file systems.</summary>
    public uint Device { get; }

    /// <summary>The overlay does not need it any more.</summary>
    public void Close() => Mount.Close();
}

/// <summary>A name in a layer.</summary>
/// <param name="Layer">Where.</param>
/// <param name="Dentry">What.</param>
internal readonly record struct RealName(OverlayLayer Layer, Dentry Dentry)
{
    /// <summary>The file.</summary>
    public Inode Inode => Dentry.Inode;

    /// <summary>It says that there is no such name: a character device with the number 0.</summary>
    public bool IsWhiteout => IsWhiteoutInode(Inode);

    /// <summary>The place, as the layer's file system is to see it.</summary>
    public Location Location => new(Layer.Mount, Dentry);

    /// <inheritdoc cref="IsWhiteout"/>
    public static bool IsWhiteoutInode(Inode inode) => InodeMode.Type(inode.Mode) == InodeMode.Character && inode.Device == 0;

    /// <summary>Whether this is a directory that hides those below it.</summary>
    public Errno LookOpaque(OperationContext context, out bool isOpaque)
    {
        isOpaque = false;
        if (!Inode.IsDirectory)
            return Errno.None;
        Errno error = Inode.GetExtendedAttribute(context, "trusted.overlay.opaque"u8, out byte[] value);
        isOpaque = error == Errno.None && value is [(byte)'y'];
        return error is Errno.ENODATA or Errno.EOPNOTSUPP ? Errno.None : error;
    }
}
