using Libsys.Messages;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Objects;

/// <summary>
/// An open file description: offset, status flags, and how to read and write.
/// </summary>
/// <remarks>
/// There are two ways to wait. A file that somebody else fills or empties (a pipe, a terminal) moves what it can at once and answers −EAGAIN when that is
/// nothing: O_NONBLOCK decides then whether the request waits (<see cref="Waiters"/>). A file whose content is elsewhere waits by its context, whatever
/// O_NONBLOCK says, and only before the first byte has moved: docs/decisions/waiting-before-effects.md.
/// </remarks>
public abstract class OpenFile : IReadiness
{
    private readonly bool isWriter;
    private int references = 1;
    private IOffsetPlace? lender;
    private ISharedOffset? sharedOffset;

    /// <summary>A description with one reference, which belongs to the caller.</summary>
    protected OpenFile(Location location, uint flags)
    {
        Location = location;
        Flags = flags & OpenFlags.Kept;
        location.Hold();
        // Devices and fifos may be written on a file system that may not.
        isWriter = OpenFlags.Writes(Flags) && location.Dentry.Inode.IsRegular;
        if (isWriter)
            location.Mount.CountWriter(1);
    }

    /// <summary>The name it was opened by.</summary>
    public Location Location { get; }

    /// <summary>The file.</summary>
    public virtual Inode Inode => Location.Dentry.Inode;

    /// <summary>Access mode and status flags.</summary>
    public uint Flags { get; set; }

    /// <summary>File offset that read(2) and write(2) use and move. Whoever asks takes it back from a program that has it in memory.</summary>
    public long Offset
    {
        get
        {
            TakeBack();
            return field;
        }

        set
        {
            TakeBack();
            field = value;
        }
    }

    /// <summary>It may be shown in memory, and its offset lent (docs/files-in-memory.md).</summary>
    public virtual bool IsShareable => false;

    /// <summary>Closing it neither waits nor fails, and nothing but requests can tell that it has happened (docs/posted-calls.md).</summary>
    public virtual bool ClosesUnseen => false;

    /// <summary>How it may be read in memory now: flags of <see cref="FileSlots"/>, or 0.</summary>
    public virtual uint ReadableAs => 0;

    /// <summary>Writing within its end may be lent to its only handle now, and it is worth that.</summary>
    public virtual bool IsWorthWriting => false;

    /// <summary>It may be written by calls that are not waited for, if nobody sees the file in memory (docs/posted-calls.md).</summary>
    public virtual bool CanBePosted => false;

    /// <summary>By what its only handle may write so, or has begun to; null: it may not.</summary>
    internal IWritePermit? Permit { get; set; }

    /// <summary>How many handles, requests and messages on their way refer to it.</summary>
    public int References => references;

    /// <summary>How many handles refer to it: its offset is lent to one alone.</summary>
    public int Handles { get; private set; }

    /// <summary>Requests that could have been none, as far as is counted.</summary>
    public int Demand { get; set; }

    /// <summary>The same by offsets that several handles share.</summary>
    internal int SharedDemand { get; set; }

    /// <summary>Where it is shown; null: nowhere.</summary>
    public FileSlot? FirstSlot { get; private set; }

    /// <summary>The page in which all handles move its offset; null: there is none. It is lent there once it is set.</summary>
    internal ISharedOffset? SharedOffset
    {
        get => sharedOffset;
        set
        {
            TakeBack();
            sharedOffset = value;
            for (FileSlot? slot = FirstSlot; slot != null; slot = slot.NextOfFile)
                slot.PointTo(value!.Number);
        }
    }

    /// <summary>Who is to be told of its end.</summary>
    internal FileWatcher? FirstWatcher { get; private set; }

    /// <summary>True if it was opened for reading.</summary>
    public bool CanRead => OpenFlags.Reads(Flags);

    /// <summary>True if it was opened for writing.</summary>
    public bool CanWrite => OpenFlags.Writes(Flags);

    /// <summary>O_NONBLOCK.</summary>
    public bool IsNonBlocking => (Flags & OpenFlags.NonBlock) != 0;

    /// <summary>Whether it has an offset; pipes and terminals have none (ESPIPE).</summary>
    public virtual bool IsSeekable => true;

    /// <summary>What programs answer themselves; no answer depends on anything but this and the access mode.</summary>
    public virtual MemoryDeviceKind Device => MemoryDeviceKind.None;

    /// <summary>Requests that wait for this file to change; null if it never makes anyone wait.</summary>
    public virtual WaitQueue? Waiters => null;

    /// <summary>Whoever waits for it need not join anew after each change, for all to be woken in the end: EPOLLEXCLUSIVE may pass some by.</summary>
    public virtual bool SharesWakeUps => true;

    /// <summary>
    /// The −EAGAIN of the last read or write means that a program was in the middle of one, in memory: whoever asks waits for that, O_NONBLOCK or not.
    /// </summary>
    public virtual bool IsHeld => false;

    /// <summary>Reads at <paramref name="offset"/>: bytes, 0 at the end, or −errno. The access time changes with it and never makes it wait or fail.</summary>
    public virtual long Read(OperationContext context, Span<byte> buffer, long offset) => -(long)Errno.EINVAL;

    /// <summary>
    /// What <see cref="Read"/> would give, or its beginning, where it lies: until the file changes. Empty: only <see cref="Read"/> has it, or says why not.
    /// </summary>
    public virtual ReadOnlySpan<byte> Peek(long offset, int length) => default;

    /// <summary>
    /// Writes at <paramref name="offset"/>: bytes, or −errno. The same step sets the times and takes away the set-id bits that fall
    /// (<see cref="Attributes.SetId.AfterWrite"/>).
    /// </summary>
    public virtual long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => -(long)Errno.EINVAL;

    /// <summary>Sets aside what so many writes of a page need. False: they might fail.</summary>
    public virtual bool TryPromise(int writes) => false;

    /// <summary>So many are about to be made, and cannot fail then; or will not be made.</summary>
    public virtual void Keep(int writes)
    {
    }

    /// <summary>
    /// Makes a write that was promised, at the own offset or the end: as <see cref="Write"/>, with the wall time at which it was begun, as the
    /// client says: <see cref="PostedLayout.TimeOf"/>.
    /// </summary>
    public virtual long WritePromised(OperationContext context, ReadOnlySpan<byte> data, ulong piece) => -(long)Errno.EINVAL;

    /// <summary>
    /// Takes over a read or write completely (terminals: it depends on the process that asks, and on time). False: use <see cref="Read"/> and
    /// <see cref="Write"/>.
    /// </summary>
    public virtual bool TryStart(FileRequest request, bool write, out long result)
    {
        result = 0;
        return false;
    }

    /// <summary>True while open(2) may not return yet, because it needs somebody else (a fifo's other end). It then waits in <see cref="Waiters"/>.</summary>
    public virtual bool MustWait => false;

    /// <summary><see cref="ChangeNumber"/> is another one after each change.</summary>
    public virtual bool CountsChanges => false;

    /// <summary>POLL* bits that hold now.</summary>
    public virtual ushort Poll() => PollEvents.AlwaysReady;

    /// <summary>Another number after each change that may have made some of <paramref name="events"/> true; 0 for files that do not count them.</summary>
    public virtual uint ChangeNumber(ushort events) => 0;

    /// <summary>lseek(2).</summary>
    public virtual long Seek(OperationContext context, long offset, uint whence)
    {
        if (!IsSeekable)
            return -(long)Errno.ESPIPE;
        const uint seekEnd = 2;
        if (whence == seekEnd && Inode.Refresh(context) is var error and not Errno.None)
            return -(long)error;
        long from = whence switch { 0 => 0, 1 => Offset, seekEnd => Inode.Size, _ => -1 };
        if (from < 0)
            return -(long)Errno.EINVAL;
        return SetOffset(from, offset);
    }

    /// <summary>ioctl(2).</summary>
    public virtual long Control(FileRequest request, uint operation, ulong argument) => -(long)Errno.ENOTTY;

    /// <summary>getdents64(2) into <paramref name="buffer"/>.</summary>
    public virtual long ReadDirectory(OperationContext context, Span<byte> buffer) => -(long)Errno.ENOTDIR;

    /// <summary>fallocate(2): room for a range, or with <see cref="AllocateMode.PunchHole"/> a hole in its place.</summary>
    public virtual Errno Allocate(OperationContext context, AllocateMode mode, long offset, long length) => IsSeekable ? Errno.ENODEV : Errno.ESPIPE;

    /// <summary>
    /// fsync(2), fdatasync(2): what was written is safe afterwards. By default for what is in memory; EINVAL for what cannot be synchronised.
    /// </summary>
    public virtual Errno Sync(OperationContext context, bool dataOnly) => Inode.IsRegular || Inode.IsDirectory ? Errno.None : Errno.EINVAL;

    /// <summary>
    /// One handle is being closed, close(2): what can still fail or wait does it here. The handle goes whatever the answer is, once it does not wait.
    /// </summary>
    public virtual Errno Flush(OperationContext context) => Errno.None;

    /// <summary>F_SETFL has changed <see cref="Flags"/>.</summary>
    public virtual void FlagsChanged()
    {
    }

    /// <summary>One more handle or pending request refers to it.</summary>
    public void AddReference() => references++;

    /// <summary>A handle refers to it, by a reference of its own.</summary>
    internal void HandleOpened()
    {
        Handles++;
        TakeBack();
        EndPosting();
        if (FirstSlot != null && Inode.Writer?.File == this)
            Inode.EndWriting();
    }

    /// <summary>A handle is gone; its reference is the caller's.</summary>
    internal void HandleClosed(ILockOwner table, ulong handle)
    {
        Handles--;
        EndPosting();
        for (FileSlot? slot = FirstSlot, next; slot != null; slot = next)
        {
            next = slot.NextOfFile;
            if (slot.Table == table && slot.Handle == handle)
                slot.Close();
        }
    }

    // The permit is that of the only handle.
    private void EndPosting()
    {
        if (Permit != null && Inode.Permit == Permit)
            Inode.EndPosting();
    }

    /// <summary>The offset moves in memory from now on: in the page of all, or if nobody else has the description in a slot.</summary>
    internal void Lend(FileSlot? slot)
    {
        IOffsetPlace? place = sharedOffset ?? (Handles == 1 ? slot : (IOffsetPlace?)null);
        if (place == null || lender == place)
            return;
        long offset = Offset;
        lender = place;
        place.GiveOffset(offset);
    }

    /// <summary>It is shown in one more place.</summary>
    internal FileSlot? Show(FileSlot slot)
    {
        if (sharedOffset != null)
            slot.PointTo(sharedOffset.Number);
        FileSlot? next = FirstSlot;
        FirstSlot = slot;
        return next;
    }

    /// <summary>It is not shown there any more.</summary>
    internal void Hide(FileSlot slot)
    {
        if (lender == slot)
            TakeBack();
        if (FirstSlot == slot)
        {
            FirstSlot = slot.NextOfFile;
            return;
        }

        FileSlot? before = FirstSlot;
        while (before!.NextOfFile != slot)
            before = before.NextOfFile;
        before.NextOfFile = slot.NextOfFile;
    }

    /// <summary>Somebody is to be told of its end.</summary>
    internal void Watch(FileWatcher watcher)
    {
        watcher.NextOfFile = FirstWatcher;
        FirstWatcher?.PreviousOfFile = watcher;
        FirstWatcher = watcher;
    }

    /// <summary>He is not any more.</summary>
    internal void Unwatch(FileWatcher watcher)
    {
        if (watcher.PreviousOfFile == null)
            FirstWatcher = watcher.NextOfFile;
        else
            watcher.PreviousOfFile.NextOfFile = watcher.NextOfFile;
        watcher.NextOfFile?.PreviousOfFile = watcher.PreviousOfFile;
        watcher.PreviousOfFile = watcher.NextOfFile = null;
    }

    // One exchange: what the program moved before is counted, and what it tries later fails.
    private void TakeBack()
    {
        if (lender is not { } place)
            return;
        lender = null;
        Offset = place.TakeOffset(Offset);
    }

    /// <summary>A reference goes; the last one closes the description.</summary>
    public void Release()
    {
        if (--references > 0)
            return;
        while (FirstWatcher != null)
            FirstWatcher.FileEnded();
        Inode.Locks?.ReleaseFile(this);
        sharedOffset?.Destroy();
        OnLastClose();
        if (isWriter)
            Location.Mount.CountWriter(-1);
        Location.Release();
    }

    /// <summary>The last reference is gone.</summary>
    protected virtual void OnLastClose()
    {
    }

    /// <summary>Moves the offset to a sum that must not be negative or overflow.</summary>
    protected long SetOffset(long from, long distance)
    {
        long target = unchecked(from + distance);
        if (target < 0 || (distance > 0 && target < from))
            return -(long)(distance > 0 ? Errno.EOVERFLOW : Errno.EINVAL);
        Offset = target;
        return target;
    }
}
