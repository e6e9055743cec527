using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Where a slot's file is mapped to be written. All of it belongs to who holds the lock.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WritePlace
{
    /// <summary>1: a thread of the space writes, or maps. So writes of threads do not mix.</summary>
    public uint Lock;

    /// <summary>Number of the loan that the mapping is of; 0: nothing has been mapped.</summary>
    public uint Lease;

    /// <summary>Offset in the file of what is mapped.</summary>
    public ulong Start;
}

/// <summary>
/// Writes within the end of open regular files (docs/files-in-memory.md): as long as vfs lends writing to the handle of a slot, a stretch of the file is mapped
/// at its place. When the loan ends the mapping does, so who has copied to the end has written. What is not there is a request, of the whole write.
/// </summary>
internal static unsafe class SharedWrites
{
    /// <summary>How often a lock is looked at: as long as another thread takes to copy some pages, and no longer than a request.</summary>
    private const int MostTries = 500;

    /// <summary>"The description's own offset", as <see cref="ReadWriteCalls"/> says it.</summary>
    private const ulong Own = ulong.MaxValue;

    /// <summary>
    /// write(2) or pwrite(2) of a descriptor with a slot. False: not without a request, at <paramref name="offset"/>, as for
    /// <see cref="SharedContents.TryRead(TaskState*, Descriptor*, ulong, ulong, ref ulong, out long)"/>.
    /// </summary>
    public static bool TryWrite(TaskState* task, Descriptor* descriptor, ulong buffer, ulong length, ref ulong offset, out long result) =>
        TryWrite(task, descriptor, null, buffer, length, ref offset, out result);

    /// <summary>The same of several buffers.</summary>
    public static bool TryWrite(TaskState* task, Descriptor* descriptor, IoVectors* vectors, ref ulong offset, out long result) =>
        TryWrite(task, descriptor, vectors, 0, vectors->Total, ref offset, out result);

    /// <summary>The last descriptor of a handle with a slot is closed.</summary>
    public static void Close(uint bits)
    {
        WritePlace* place = PlaceOf(bits);
        // A thread that writes by what is being closed keeps it: it is replaced when the place is used again.
        if (Volatile.Read(ref place->Lease) == 0 || Interlocked.CompareExchange(ref place->Lock, 1, 0) != 0)
            return;
        KernelCalls.Unmap(AddressOf(bits), FileSlots.Stretch);
        place->Lease = 0;
        Volatile.Write(ref place->Lock, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryWrite(
        TaskState* task, Descriptor* descriptor, IoVectors* vectors, ulong buffer, ulong length, ref ulong offset, out long result)
    {
        byte* slot = SharedFiles.SlotOf(descriptor->Bits);
        result = 0;
        uint lease = Volatile.Read(ref *(uint*)(slot + FileSlots.Lease));
        if (lease == 0 || length == 0 || !SharedFiles.IsOf(slot, descriptor))
            return false;
        WritePlace* place = PlaceOf(descriptor->Bits);
        if (!TryLock(place))
            return false;
        ref ulong word = ref *(ulong*)(slot + FileSlots.Offset);
        ulong lent = Volatile.Read(ref word), size = *(ulong*)(slot + FileSlots.LeaseSize);
        ulong at = offset != Own ? offset : lent & ~FileSlots.Lent;
        bool isHere = (offset != Own || (lent & FileSlots.Lent) != 0) && at < size && length <= size - at
            && IsMapped(task, descriptor, place, lease, at, length);
        bool isTaken = false, isDone = false;
        if (isHere)
        {
            // Before the first byte: who finds a byte there finds the time, too.
            Volatile.Write(ref *(ulong*)(slot + FileSlots.Written), Clock.Now + Clock.Page->WallOffset);
            isTaken = offset != Own || Interlocked.CompareExchange(ref word, lent + length, lent) == lent;
            ulong target = AddressOf(descriptor->Bits) + (at - place->Start);
            isDone = isTaken && (vectors == null ? Stubs.UserCopy(target, buffer, length) == 0 : IoVectors.CopyIn(vectors, (byte*)target, length) == length);
        }

        Volatile.Write(ref place->Lock, 0);
        if (isDone)
            result = (long)length;
        else if (isTaken && offset == Own && Interlocked.CompareExchange(ref word, lent, lent + length) != lent + length)
            offset = at;
        return isDone;
    }

    private static bool TryLock(WritePlace* place)
    {
        for (int tries = 0; tries < MostTries; tries++)
        {
            if (Volatile.Read(ref place->Lock) == 0 && Interlocked.CompareExchange(ref place->Lock, 1, 0) == 0)
                return true;
        }

        return false;
    }

    // Also maps it, for the first time or because the file is written from front to back. Who writes here and there in a long file asks.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsMapped(TaskState* task, Descriptor* descriptor, WritePlace* place, uint lease, ulong at, ulong length)
    {
        ulong start = at & ~(FileSlots.Stretch - 1);
        if (length > FileSlots.Stretch - (at - start))
            return false;
        if (place->Lease == lease && place->Start == start)
            return true;
        return (place->Lease != lease || start == place->Start + FileSlots.Stretch) && Map(task, descriptor, place, lease, start);
    }

    private static bool Map(TaskState* task, Descriptor* descriptor, WritePlace* place, uint lease, ulong start)
    {
        ulong address = AddressOf(descriptor->Bits);
        place->Lease = 0;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.MapWritten, descriptor->Handle, start, address);
        bool isMapped = OfferedMemory.TryObtain(task, &request, address, FileSlots.Stretch, replaces: true);
        if (isMapped)
            (place->Lease, place->Start) = (lease, start);
        return isMapped;
    }

    // Where the slot leaves room for it: so it is as new as the area, and a forked child has neither.
    private static WritePlace* PlaceOf(uint bits) => (WritePlace*)(SharedFiles.SlotOf(bits) + FileSlots.OwnOfWriting);

    private static ulong AddressOf(uint bits) => Window.FileWrites + SharedFiles.NumberOf(bits) * FileSlots.Stretch;
}
