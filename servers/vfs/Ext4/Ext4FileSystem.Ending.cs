using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Ext4;

// The end: all is written, and the log is empty.
internal sealed partial class Ext4FileSystem
{
    /// <summary>Something has ended: goes on with an end that nobody waits for.</summary>
    public void GoOn()
    {
        Settled.Wake();
        if (isAbandoned && !IsFinished)
            Abandon();
    }

    protected override Errno Finish(OperationContext context)
    {
        if (Inodes.All.OfType<Ext4File>().Any(static file => file.Content.IsMapped))
            return Errno.EBUSY;
        Errno error = Settle(context);
        if (error == Errno.None && Inodes.All.Any(static inode => inode.IsDirty))
            error = context.WaitOn(Settled);
        if (error == Errno.None)
            Close();
        return error;
    }

    protected override void Abandon()
    {
        isAbandoned = true;
        foreach (Ext4File file in Inodes.All.OfType<Ext4File>().ToArray())
        {
            file.Content.BeginWriteBack();
            if (file.Content.IsMapped)
                file.Content.TellWhenUnused();
        }

        Log?.Begin();
        if (Inodes.All.Any(static inode => inode.IsDirty) || Log is { IsIdle: false, IsBroken: false })
            return;
        if (Log == null || isClosed)
            Close();
        else
            EmptyLog();
    }

    // All is written, and the log is empty.
    private Errno Settle(OperationContext context)
    {
        if (Log == null || Log.IsBroken)
            return Errno.None;
        Errno error = Sync(context);
        if (error != Errno.None)
            return error;
        if (Inodes.All.Any(static inode => inode.IsDirty && !inode.IsPinned) || Inodes.All.OfType<Ext4File>().Any(static file => file.Content.IsDirty))
            return context.WaitOn(Settled);
        Log.Begin();
        if (!Log.IsIdle)
            return context.WaitOn(Log.Changed);
        if (!isClosed)
        {
            EmptyLog();
            if (!isClosed)
                return context.WaitOn(Settled);
        }

        return Errno.None;
    }

    private void EmptyLog()
    {
        if (isClosing)
            return;
        (isClosing, hasBegun) = (true, false);
        Log!.Close(_ =>
        {
            // Others go on while somebody waits for the end.
            (isClosing, isClosed) = (false, !hasBegun);
            GoOn();
        });
    }

    private void Close()
    {
        EndLog();
        Names.TryClose(root!);
        Inodes.TryClear();
        Volume.Direct.Close();
        Volume.Device.Owner = null;
        IsFinished = true;
    }
}
