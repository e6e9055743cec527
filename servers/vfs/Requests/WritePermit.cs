using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Requests;

/// <summary>
/// What a client may write without waiting (docs/posted-calls.md). What it takes from the permit it does itself; how many writes are promised is counted here.
/// Refers to the description until all that has begun has come: a handle may be closed meanwhile.
/// </summary>
internal sealed class WritePermit : IWritePermit
{
    /// <summary>Writes that are promised at once: a file that is made is mostly written once, and who writes on has a message for each fifth.</summary>
    public const int Writes = 4;

    private readonly PostedRing ring;
    private readonly OpenFile file;
    private readonly uint slot, handle;

    // Promised and not made yet.
    private int left = Writes;
    private bool isActive = true;

    /// <summary>The handle may write: the promise has been made.</summary>
    public WritePermit(PostedRing ring, OpenFile file, uint slot, uint handle)
    {
        (this.ring, this.file, this.slot, this.handle) = (ring, file, slot, handle);
        file.AddReference();
        file.Permit = this;
        file.Inode.GivePermit(this);
        ring.GivePermit(slot, handle, Writes);
    }

    /// <summary>Nothing begins or comes by it any more.</summary>
    public bool IsOver => left == 0 && !isActive;

    /// <summary>True if it is for a handle of a process.</summary>
    public bool IsOf(uint process, uint number) => process == slot && number == handle;

    /// <summary>Makes a write that has come, unless it was not promised.</summary>
    public void Write(OperationContext context, ReadOnlySpan<byte> data, ulong piece)
    {
        if (left == 0)
            return;
        left--;
        file.Keep(1);
        long end = file.Inode.Size;
        file.WritePromised(context, data, piece);
        if (left > 0)
            return;
        if (isActive && file.Inode.Size > end && file.TryPromise(Writes))
        {
            left = Writes;
            ring.GivePermit(slot, handle, Writes);
        }
        else if (isActive)
        {
            file.Inode.EndPosting();
        }
        else
        {
            Forget();
        }
    }

    /// <summary>Ends it for others that are worth it more.</summary>
    public void GiveUp()
    {
        if (isActive)
            file.Inode.EndPosting();
    }

    /// <inheritdoc/>
    public void End()
    {
        isActive = false;
        int unused = Math.Min(ring.TakePermit(slot, handle), left);
        left -= unused;
        file.Keep(unused);
        if (left == 0)
            Forget();
    }

    /// <summary>The client is gone: nothing comes any more.</summary>
    public void Drop()
    {
        GiveUp();
        if (left == 0)
            return;
        file.Keep(left);
        left = 0;
        Forget();
    }

    private void Forget()
    {
        file.Permit = null;
        file.Release();
    }
}
