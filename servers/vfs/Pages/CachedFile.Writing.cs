using Libsys.Abi;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Pages;

// The file as the one handle writes it to which that is lent: docs/files-in-memory.md.
public sealed partial class CachedFile
{
    /// <summary>
    /// Maps a stretch, which begins at a page of the file, so that a client can write its pages: through an object of its own, whose end nobody else notices.
    /// It must have ended before pages or length change. Null: <paramref name="error"/>.
    /// </summary>
    internal IWriteWindow? OpenWindow(IMappingSpace space, ulong address, long offset, long length, out Errno error)
    {
        long first = offset >> PageBits;
        int count = (int)Math.Min(length >> PageBits, Pages(Size) - first);
        error = count > 0 && HasOwnPages ? Errno.None : Errno.EINVAL;
        if (error != Errno.None)
            return null;
        // What was made ahead would be given up where only this object shows that it was written.
        SettleAhead();
        if (HasOwnPages && cache.OpenWindow(count) is { } window)
        {
            WasMapped = true;
            const MapFlags flags = MapFlags.Read | MapFlags.Write | MapFlags.Shared | MapFlags.Replace | MapFlags.ForkOmit | MapFlags.NeverExecute;
            if (ShareAll(window.Pages, first, count) && space.Map(address, length, flags, window.Pages, 0, 0) == KernelStatus.Ok)
                return window;
            window.Destroy();
        }

        error = Errno.ENOMEM;
        return null;
    }

    private bool ShareAll(IMappedPages pages, long first, int count)
    {
        for (int done = 0; done < count;)
        {
            int run = index.Run(first + done, count - done, out int slot);
            if (slot <= 0 || !pages.Share(done, slot, run))
                return false;
            done += run;
        }

        return true;
    }
}
