using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Overlay;

/// <summary>
/// Copies a file of a lower layer into the upper one: under another name in the work directory first, so that nobody sees a part of it. It belongs to the inode
/// and not to a request: whoever needs the copy goes on where the last one has stopped.
/// </summary>
internal sealed class CopyUp
{
    // What is copied at once, and by one try: others want to be served too.
    private const int PieceLength = 1 << 16;
    private const long MostInTry = 1 << 20;

    private readonly OverlayInode inode;
    private readonly OverlayDirectory parent;
    private readonly Dentry alias;
    private readonly bool isCut;
    private readonly RealName from;
    private Dentry? made;
    private OpenFile? source, target;
    private long offset, accessTime, modifyTime;
    private int step;

    public CopyUp(OverlayInode inode, OverlayDirectory parent, Dentry alias, bool isCut)
    {
        (this.inode, this.parent, this.alias, this.isCut) = (inode, parent, alias, isCut);
        from = inode.Lower[0];
    }

    private Workspace Work => inode.Over.Work!;

    /// <summary>Does the next steps: None when it is there; Wait, or an error, of which nothing is left.</summary>
    public Errno GoOn(OperationContext context)
    {
        Errno error = Errno.None;
        for (; error == Errno.None && step < 6; step += error == Errno.None ? 1 : 0)
        {
            error = step switch
            {
                0 => Make(context),
                1 => inode.IsRegular && !isCut ? CopyData(context) : Errno.None,
                2 => CopyAttributes(context),
                3 => CopyExtendedAttributes(context),
                // The content is safe before a name leads to it.
                4 => target?.Sync(context, dataOnly: false) ?? Errno.None,
                _ => Place(context),
            };
        }

        return error;
    }

    /// <summary>It has ended, or is not needed any more.</summary>
    public void Close()
    {
        source?.Release();
        target?.Release();
        source = target = null;
        if (made != null && inode.Upper == null)
            Work.Discard(made);
        made = null;
    }

    private Errno Make(OperationContext context)
    {
        Errno error = from.Inode.Refresh(context);
        if (error != Errno.None)
            return error;
        Inode real = from.Inode;
        switch (InodeMode.Type(real.Mode))
        {
            case InodeMode.Directory:
                error = Work.MakeDirectory(context, real.Mode & InodeMode.Permissions, out made);
                break;
            case InodeMode.SymbolicLink:
                error = real.ReadLink(context, out byte[] text);
                if (error == Errno.None)
                    error = Work.SymbolicLink(context, text, out made);
                break;
            default:
                error = Work.Create(context, real.Mode, real.Device, out made);
                break;
        }

        if (error != Errno.None || !inode.IsRegular || isCut)
            return error;
        // A name that was made in this try opens without waiting; the lower one may wait.
        error = made!.Inode.Open(new OpenRequest(context, new Location(Work.Layer.Mount, made), OpenFlags.WriteOnly), out target);
        if (error == Errno.None)
            return Errno.None;
        Work.Discard(made);
        made = null;
        return error;
    }

    private Errno CopyData(OperationContext context)
    {
        if (source == null)
        {
            Errno error = from.Inode.Open(new OpenRequest(context, from.Location, OpenFlags.ReadOnly), out source);
            if (error != Errno.None)
                return error;
        }

        byte[] buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            return CopyPieces(context, buffer.AsSpan(0, PieceLength));
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Errno CopyPieces(OperationContext context, Span<byte> buffer)
    {
        for (long end = offset + MostInTry; ;)
        {
            if (offset >= end)
            {
                // In a later turn: nobody else is served meanwhile.
                Errno pause = context.WaitOn(inode.Over.Pause);
                inode.Over.Pause.Wake();
                if (pause == Errno.Wait)
                    return pause;
                end = offset + MostInTry;
            }

            const uint seekData = 3;
            long data = source!.Seek(context, offset, seekData);
            if (data == -(long)Errno.Wait)
                return Errno.Wait;
            // Holes stay holes; behind the last data there is nothing to copy.
            if (data == -(long)Errno.ENXIO)
                return Errno.None;
            offset = Math.Max(offset, data);
            long length = source.Read(context, buffer, offset);
            if (length <= 0)
                return (Errno)(-length);
            for (int done = 0; done < length;)
            {
                long written = target!.Write(context, buffer[done..(int)length], offset);
                if (written <= 0)
                    return written < 0 ? (Errno)(-written) : Errno.EIO;
                done += (int)written;
                offset += written;
            }
        }
    }

    private Errno CopyAttributes(OperationContext context)
    {
        Inode real = from.Inode;
        var change = new AttributeChange(inode.Over.Clock.Wall)
        {
            UserId = real.UserId, GroupId = real.GroupId, AccessTime = real.AccessTime, ModifyTime = real.ModifyTime,
            Mode = inode.IsSymbolicLink ? null : real.Mode & InodeMode.Permissions, Size = inode.IsRegular ? isCut ? 0 : real.Size : null,
        };
        return made!.Inode.SetAttributes(context, change);
    }

    // After the owner, whose change would take capabilities away. Those that the upper file system does not keep are lost.
    private Errno CopyExtendedAttributes(OperationContext context)
    {
        var names = new List<byte[]>();
        Errno error = inode.ListExtendedAttributes(context, names);
        foreach (byte[] name in names)
        {
            if (error == Errno.None)
                error = inode.GetExtendedAttribute(context, name, out byte[] value) is var found and not Errno.None ? found
                    : made!.Inode.SetExtendedAttribute(context, new ExtendedAttributeChange(name, value, 0, inode.Over.Clock.Wall));
            if (error is Errno.ENODATA or Errno.EOPNOTSUPP)
                error = Errno.None;
        }

        return error;
    }

    // The last step: it has its name, and the directory is as old as it was.
    private Errno Place(OperationContext context)
    {
        RealName upper = parent.Upper!.Value;
        if (inode.Upper == null)
        {
            Errno error = upper.Inode.Lookup(context, upper.Dentry, alias.Name, out _);
            // Somebody has written to the upper directory beside the overlay.
            if (error != Errno.ENOENT)
                return error == Errno.None ? Errno.ESTALE : error;
            (long access, long modify) = (upper.Inode.AccessTime, upper.Inode.ModifyTime);
            error = Work.Move(context, made!, upper.Dentry, alias.Name, null);
            if (error != Errno.None)
                return error;
            inode.SetUpper(new RealName(Work.Layer, made!));
            (accessTime, modifyTime) = (access, modify);
        }

        // A failure here is not worth an error: what was asked for is there.
        Errno late = upper.Inode.SetAttributes(context, new AttributeChange(upper.Inode.ChangeTime) { AccessTime = accessTime, ModifyTime = modifyTime });
        return late == Errno.Wait ? late : Errno.None;
    }
}
