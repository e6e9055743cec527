using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Vfs.Objects;

/// <summary>
/// Where a space sees one of its handles in memory: the offset, which may be lent to it, and the attributes, as long as they have not changed
/// (<see cref="FileSlots"/>, docs/files-in-memory.md). What stands in the memory is never believed, but for the offset, of which every value will do.
/// </summary>
/// <param name="memory">The space's area.</param>
/// <param name="number">Of the slot in it.</param>
public sealed class FileSlot(MappedMemory memory, uint number) : IOffsetPlace
{
    private readonly ulong at = number * FileSlots.Length;

    // Odd while shown. The program may have written anything where a copy of it stands.
    private uint sequence, shown, tenant, lease;

    // What the handle may write through; null: nothing is mapped by the loan.
    private IWriteWindow? window;

    // It has said once that reads are told: one may be told at any time.
    private bool isTold;

    /// <summary>Number in the area.</summary>
    public uint Number => number;

    /// <summary>The description; null: the slot is free.</summary>
    public OpenFile? File { get; private set; }

    /// <summary>Handle that it is shown for.</summary>
    public ulong Handle { get; private set; }

    /// <summary>The table with that handle.</summary>
    public ILockOwner? Table { get; private set; }

    /// <summary>The next one of the same description.</summary>
    public FileSlot? NextOfFile { get; internal set; }

    /// <summary>The next one of the same file.</summary>
    public FileSlot? NextOfInode { get; private set; }

    /// <summary>What stands in the memory as it is: flags of <see cref="FileSlots"/>.</summary>
    public uint Shown => IsShown ? shown : 0;

    private bool IsShown => (sequence & 1) != 0;

    /// <summary>Takes the slot for a handle.</summary>
    public void Open(OpenFile file, ILockOwner table, ulong handle)
    {
        (File, Table, Handle) = (file, table, handle);
        memory.WriteUInt64(at + FileSlots.Accessed, 0);
        memory.WriteUInt32(at + FileSlots.Handle, (uint)handle);
        memory.WriteUInt32(at + FileSlots.FileNumber, (uint)file.Inode.Number);
        memory.WriteUInt32(at + FileSlots.Tenant, ++tenant);
        NextOfFile = file.Show(this);
        NextOfInode = file.Inode.FirstShown;
        file.Inode.FirstShown = this;
    }

    /// <summary>The handle is gone, or its space.</summary>
    public void Close()
    {
        Conceal();
        Inode inode = File!.Inode;
        if (inode.Writer == this)
            inode.EndWriting(byOthers: false);
        if (isTold)
            _ = inode.AccessTime; // takes what was told over
        isTold = false;
        memory.WriteUInt32(at + FileSlots.Handle, uint.MaxValue); // no handle is that
        File.Hide(this);
        if (inode.FirstShown == this)
        {
            inode.FirstShown = NextOfInode;
        }
        else
        {
            FileSlot before = inode.FirstShown!;
            while (before.NextOfInode != this)
                before = before.NextOfInode!;
            before.NextOfInode = NextOfInode;
        }

        NextOfFile = NextOfInode = null;
        File = null;
        Table = null;
    }

    /// <summary>What is shown is not true any more. The store is seen before those that follow it.</summary>
    internal void Conceal()
    {
        if (IsShown)
            memory.WriteUInt32(at + FileSlots.Sequence, ++sequence);
    }

    /// <summary>Shows what is true now.</summary>
    /// <param name="size">The file's length.</param>
    /// <param name="flags">Flags of <see cref="FileSlots"/>.</param>
    /// <param name="record">struct stat, with <see cref="FileSlots.HasRecord"/>.</param>
    public void Reveal(long size, uint flags, ReadOnlySpan<byte> record)
    {
        Conceal();
        shown = flags;
        isTold |= (flags & FileSlots.Touches) != 0;
        record.CopyTo(memory.Span(at + FileSlots.Record, record.Length));
        memory.WriteUInt64(at + FileSlots.Size, (ulong)size);
        memory.WriteUInt32(at + FileSlots.Flags, flags);
        memory.WriteUInt32(at + FileSlots.Sequence, ++sequence);
    }

    /// <summary>Wall time of a read in memory that nobody has been told of yet, as the program says; 0: none.</summary>
    internal long TakeAccess() => isTold ? (long)memory.ExchangeUInt64(at + FileSlots.Accessed, 0) : 0;

    /// <summary>Says that the handle may write within a length.</summary>
    internal void GiveLease(long size)
    {
        memory.WriteUInt64(at + FileSlots.Written, 0);
        memory.WriteUInt64(at + FileSlots.LeaseSize, (ulong)size);
        lease += lease == uint.MaxValue ? 2u : 1; // never 0
        memory.WriteUInt32(at + FileSlots.Lease, lease);
    }

    /// <summary>What the handle writes through from now on, instead of what it had.</summary>
    internal void SetWindow(IWriteWindow? next)
    {
        window?.Destroy();
        window = next;
    }

    /// <summary>It may not any more, and cannot: all that it has written stands in the file.</summary>
    /// <returns>As <see cref="TakeWritten"/>.</returns>
    internal long TakeLease()
    {
        memory.WriteUInt32(at + FileSlots.Lease, 0);
        SetWindow(null);
        // Last: whoever has stored a byte has stored the time before.
        return TakeWritten();
    }

    /// <summary>Wall time of a write in memory that nobody has been told of yet, as the program says; 0: none.</summary>
    internal long TakeWritten() => (long)memory.ExchangeUInt64(at + FileSlots.Written, 0);

    /// <summary>Says where all handles move the offset: in a page of this number, which they map; 0: one that is made when they do.</summary>
    internal void PointTo(ulong offsetNumber) => memory.WriteUInt64(at + FileSlots.Offset, FileSlots.Shared | offsetNumber);

    /// <inheritdoc/>
    void IOffsetPlace.GiveOffset(long offset) => memory.WriteUInt64(at + FileSlots.Offset, (ulong)offset | FileSlots.Lent);

    /// <inheritdoc/>
    long IOffsetPlace.TakeOffset(long last) => FileSlots.OffsetOf(memory.ExchangeUInt64(at + FileSlots.Offset, 0), last);
}
