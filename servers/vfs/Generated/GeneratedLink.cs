using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Generated;

/// <summary>Finds the object that a link stands for.</summary>
public delegate Errno FindPlace(ClientProcess reader, out Location place);

/// <summary>
/// A symbolic link whose text is made when it is read. With <paramref name="place"/> it leads straight to an object rather than along a path.
/// </summary>
public sealed class GeneratedLink(FileSystem fileSystem, ulong number, long time, Generate text, FindPlace? place = null)
    : GeneratedInode(fileSystem, number, InodeMode.SymbolicLink | 0x1FF, time)
{
    /// <summary>Permission bits, where they say something.</summary>
    public uint Permissions
    {
        init => Mode = InodeMode.SymbolicLink | value;
    }

    /// <summary>Linux shows 64 for descriptors and 0 for other links.</summary>
    public long ShownSize { get; init; }

    /// <inheritdoc/>
    public override long Size => ShownSize;

    /// <inheritdoc/>
    public override Errno ReadLink(OperationContext context, out byte[] linkText)
    {
        byte[]? made = text(context.Process);
        linkText = made ?? [];
        return made == null ? Errno.ENOENT : Errno.None;
    }

    /// <inheritdoc/>
    public override bool TryFollow(OperationContext context, out Location target, out Errno error)
    {
        target = default;
        error = Errno.None;
        if (place == null)
            return false;
        error = place(context.Process, out target);
        return true;
    }

    /// <inheritdoc/>
    public override Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = null;
        return Errno.ELOOP;
    }
}
