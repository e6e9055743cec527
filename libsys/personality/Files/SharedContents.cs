using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Where a slot's file is mapped. A thread that copies counts itself in first and looks at the state then; who changes the state looks the other way round.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FilePlace
{
    /// <summary>Threads that copy now.</summary>
    public uint Users;

    /// <summary>One of the states of <see cref="SharedContents"/>.</summary>
    public uint State;

    /// <summary>Tenant of the slot that the mapping is of.</summary>
    public uint Tenant;

    /// <summary>Uses in vain of one stretch, one after the other.</summary>
    public byte Misses;

    /// <summary>Which of the places at <see cref="Window.LongContents"/> the slot has, and 1; 0: its own at <see cref="Window.FileContents"/>.</summary>
    public byte Long;

    /// <summary>What it has been mapped for: <see cref="ContentUse"/>, and <see cref="SharedContents.OnlyRead"/>.</summary>
    public ushort Use;

    /// <summary>Offset in the file of what is mapped.</summary>
    public ulong Start;

    /// <summary>Offset of the stretch that was missed last.</summary>
    public ulong Missed;
}

/// <summary>
/// Pages of open regular files in the window (docs/files-in-memory.md): vfs maps a stretch of the file at the place of its slot, where it is read with one
/// copy, or mapped once more. What is not there is a request.
/// </summary>
internal static unsafe class SharedContents
{
    // States of a place: nothing is mapped, a thread changes it, a stretch is mapped, vfs maps nothing there.
    private const uint Empty = 0, Changing = 1, Mapped = 2, Refused = 3;

    /// <summary>In <see cref="FilePlace.Use"/>: vfs maps it for reading only, for this tenant.</summary>
    private const ushort OnlyRead = 0x100;

    /// <summary>A stretch is mapped when it was missed so often: mapping costs as much as a few requests.</summary>
    private const uint WorthMapping = 3;

    /// <summary>"The description's own offset", as <see cref="ReadWriteCalls"/> says it.</summary>
    private const ulong Own = ulong.MaxValue;

    /// <summary>
    /// read(2) or pread(2) of a descriptor with a slot. False: not without a request, at <paramref name="offset"/>, which is another one if the bytes there
    /// were taken already and another thread has gone on behind them.
    /// </summary>
    public static bool TryRead(TaskState* task, Descriptor* descriptor, ulong buffer, ulong length, ref ulong offset, out long result) =>
        TryRead(task, descriptor, null, buffer, length, ref offset, out result);

    /// <summary>The same into several buffers.</summary>
    public static bool TryRead(TaskState* task, Descriptor* descriptor, IoVectors* vectors, ref ulong offset, out long result) =>
        TryRead(task, descriptor, vectors, 0, vectors->Total, ref offset, out result);

    // Into a buffer, or with vectors into those.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryRead(
        TaskState* task, Descriptor* descriptor, IoVectors* vectors, ulong buffer, ulong length, ref ulong offset, out long result)
    {
        byte* slot = SharedFiles.SlotOf(descriptor->Bits);
        result = 0;
        if (!TryLook(slot, descriptor, offset, ref length, out uint sequence, out uint flags, out ulong lent, out ulong at))
            return (lent & FileSlots.Shared) != 0 && TryReadShared(task, descriptor, lent, vectors, buffer, length, ref offset, out result);
        if (length == 0)
            return IsStill(slot, sequence, flags);
        FilePlace* place = Enter(task, descriptor, *(uint*)(slot + FileSlots.Tenant), at, length, ContentUse.Read);
        if (place == null)
            return false;
        ref ulong word = ref *(ulong*)(slot + FileSlots.Offset);
        bool isTaken = offset != Own || Interlocked.CompareExchange(ref word, lent + length, lent) == lent;
        ulong source = AddressOf(place, descriptor->Bits) + (at - place->Start);
        bool isDone = isTaken && (vectors == null ? Stubs.UserCopy(buffer, source, length) == 0 : IoVectors.CopyOut(vectors, (byte*)source, length) == length)
            && IsStill(slot, sequence, flags);
        Interlocked.Decrement(ref place->Users);
        if (isDone)
            result = (long)length;
        else if (isTaken && offset == Own && Interlocked.CompareExchange(ref word, lent, lent + length) != lent + length)
            offset = at;
        return isDone;
    }

    /// <summary>
    /// Passes bytes of a file on from where they lie, to a file that is written in memory or a stream. False: a request has to move those behind the
    /// <paramref name="result"/> bytes, from <paramref name="offset"/>, which is another one as for reads.
    /// </summary>
    /// <remarks>
    /// What has been copied is the answer, whatever has become of the file meanwhile: unlike the program's own memory, others see the target, and a second try
    /// could give fewer bytes than have been written there.
    /// </remarks>
    public static bool TryPass(
        TaskState* task, Descriptor* descriptor, ulong length, ref ulong offset, TransferEnd* target, bool waitsForNoPipe, out long result)
    {
        byte* slot = SharedFiles.SlotOf(descriptor->Bits);
        result = 0;
        if (!TryLook(slot, descriptor, offset, ref length, out uint sequence, out uint flags, out ulong lent, out ulong at) || length == 0)
            return false;
        uint tenant = *(uint*)(slot + FileSlots.Tenant);
        FilePlace* place = Enter(task, descriptor, tenant, at, length, ContentUse.Read);
        if (place == null)
            return false;
        ref ulong word = ref *(ulong*)(slot + FileSlots.Offset);
        ulong moved = 0, source = AddressOf(place, descriptor->Bits) + (at - place->Start);
        bool isOwn = offset == Own, isDone = false;
        if (!isOwn || Interlocked.CompareExchange(ref word, lent + length, lent) == lent)
        {
            isDone = (target->Descriptor.Bits & DescriptorBits.Stream) != 0
                ? Streams.TryPut(task, &target->Descriptor, source, length, waitsForNoPipe, out result)
                : FileNumberOf(slot) != FileNumberOf(SharedFiles.SlotOf(target->Descriptor.Bits))
                    && SharedWrites.TryWrite(task, &target->Descriptor, source, length, ref target->Offset, out result);
            moved = result > 0 ? (ulong)result : 0;
            // A stream may have been waited for: another thread may have closed the file meanwhile, and the slot be another one's.
            bool isSame = Volatile.Read(ref *(uint*)(slot + FileSlots.Tenant)) == tenant && SharedFiles.IsOf(slot, descriptor);
            bool isBack = !isOwn || moved == length
                || isSame && Interlocked.CompareExchange(ref word, lent + moved, lent + length) == lent + length;
            if (!isOwn || !isBack)
                offset = at + moved;
            if (moved != 0 && isSame)
                NoteAccess(slot, flags);
        }
        Interlocked.Decrement(ref place->Users);
        return isDone;
    }

    /// <summary>
    /// mmap(2) at a free address, of what vfs has mapped for the slot already: the kernel maps it once more, with no right more. False: not without a request.
    /// </summary>
    public static bool TryRepeat(TaskState* task, Descriptor* descriptor, ulong address, ulong length, MapFlags flags, ulong offset)
    {
        byte* slot = SharedFiles.SlotOf(descriptor->Bits);
        bool isShared = (flags & MapFlags.Shared) != 0;
        if ((flags & (MapFlags.Replace | MapFlags.Execute)) != 0 || (isShared && (flags & MapFlags.Write) != 0) || !SharedFiles.IsOf(slot, descriptor))
            return false;
        FilePlace* place =
            Enter(task, descriptor, *(uint*)(slot + FileSlots.Tenant), offset, length, isShared ? ContentUse.Shared : ContentUse.Private);
        if (place == null)
            return false;
        long status = KernelCalls.Repeat(address, length, flags, AddressOf(place, descriptor->Bits) + (offset - place->Start));
        Interlocked.Decrement(ref place->Users);
        return status == 0;
    }

    /// <summary>The last descriptor of a handle with a slot is closed.</summary>
    public static void Close(TaskState* task, uint bits)
    {
        SharedWrites.Close(bits);
        FilePlace* place = PlaceOf(bits);
        if (Interlocked.CompareExchange(ref place->State, Changing, Mapped) != Mapped)
            return;
        // A thread that copies from what is being closed keeps it: it is replaced when the place is used again.
        if (Volatile.Read(ref place->Users) == 0)
            LetGo(task, place, bits);
        Volatile.Write(ref place->State, Empty);
    }

    // By an offset that processes share: first the bytes are taken, then they are read where they were.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryReadShared(
        TaskState* task, Descriptor* descriptor, ulong shown, IoVectors* vectors, ulong buffer, ulong length, ref ulong offset, out long result)
    {
        byte* slot = SharedFiles.SlotOf(descriptor->Bits);
        uint sequence = Volatile.Read(ref *(uint*)(slot + FileSlots.Sequence)), flags = *(uint*)(slot + FileSlots.Flags);
        result = 0;
        if ((sequence & 1) == 0 || !SharedOffsets.TryTake(task, descriptor, shown, *(ulong*)(slot + FileSlots.Size), ref length, out ulong at))
            return false;
        if (length == 0)
            return IsStill(slot, sequence, flags);
        ulong from = at;
        bool isDone = TryRead(task, descriptor, vectors, buffer, length, ref from, out result);
        ulong end = at + (isDone ? (ulong)result : 0);
        if (end != at + length && !SharedOffsets.TryGiveBack(task, descriptor, shown, at + length, end) && !isDone)
            offset = at;
        return isDone;
    }

    // What the slot says of a range: whether it may be read in memory, and where; as much as is within the end, nothing at the end or behind it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryLook(
        byte* slot, Descriptor* descriptor, ulong offset, ref ulong length, out uint sequence, out uint flags, out ulong lent, out ulong at)
    {
        sequence = Volatile.Read(ref *(uint*)(slot + FileSlots.Sequence));
        flags = *(uint*)(slot + FileSlots.Flags);
        lent = at = 0;
        if ((sequence & 1) == 0 || (flags & FileSlots.Readable) == 0 || length == 0 || !SharedFiles.IsOf(slot, descriptor))
            return false;
        ulong size = *(ulong*)(slot + FileSlots.Size);
        lent = Volatile.Read(ref *(ulong*)(slot + FileSlots.Offset));
        at = offset != Own ? offset : lent & ~FileSlots.Lent;
        if (offset == Own && (lent & FileSlots.Lent) == 0)
            return false; // lent says whether it is shared
        if (at >= size)
            length = 0;
        else if (length > size - at)
            length = size - at;
        return true;
    }

    /// <summary>The place with a range of the file, and this thread counted in; null: it is not there.</summary>
    private static FilePlace* Enter(TaskState* task, Descriptor* descriptor, uint tenant, ulong at, ulong length, ContentUse use)
    {
        FilePlace* place = PlaceOf(descriptor->Bits);
        Interlocked.Increment(ref place->Users);
        // What is mapped changes only while nobody is counted in: it is looked at behind the state.
        if (Volatile.Read(ref place->State) == Mapped && place->Tenant == tenant && at - place->Start < StretchOf(place)
            && length <= StretchOf(place) - (at - place->Start) && UseOf(place) >= use)
        {
            place->Misses = 0;
            return place;
        }
        ulong stretch = StretchOf(place);
        Interlocked.Decrement(ref place->Users);
        if (use != ContentUse.Read && (place->Use & OnlyRead) != 0 && place->Tenant == tenant)
            return null;
        if (*(ulong*)(SharedFiles.SlotOf(descriptor->Bits) + FileSlots.Size) > FileSlots.Stretch && HasLongPlace(task, place))
            stretch = FileSlots.LongStretch;
        ulong start = at & ~(stretch - 1);
        if (place->Missed != start)
            place->Misses = 0;
        place->Missed = start;
        // What reaches over the end of a stretch never fits one.
        if (length <= stretch - (at - start) && ++place->Misses >= WorthMapping)
            Map(task, descriptor, place, tenant, start, stretch != FileSlots.Stretch, use);
        return null;
    }

    private static void Map(TaskState* task, Descriptor* descriptor, FilePlace* place, uint tenant, ulong start, bool isLong, ContentUse use)
    {
        uint before = Volatile.Read(ref place->State);
        if (before == Changing || (before == Refused && place->Tenant == tenant)
            || Interlocked.CompareExchange(ref place->State, Changing, before) != before)
            return;
        place->Misses = 0;
        uint after = before;
        if (Volatile.Read(ref place->Users) == 0)
        {
            if (isLong != (place->Long != 0))
            {
                LetGo(task, place, descriptor->Bits);
                if (isLong)
                    TakeLongPlace(task, place);
            }
            ushort refused = place->Tenant == tenant ? (ushort)(place->Use & OnlyRead) : (ushort)0;
            // Who has mapped it again will do so with another stretch.
            if (place->Tenant == tenant && UseOf(place) > use)
                use = UseOf(place);
            ulong address = AddressOf(place, descriptor->Bits), stretch = StretchOf(place);
            VfsRequest request;
            VfsRequest.Begin(&request, VfsOperation.MapContent, descriptor->Handle, start & ~(stretch - 1), address, (ulong)use);
            bool isMapped = OfferedMemory.TryObtain(task, &request, address, stretch, replaces: true);
            bool isOfUse = !isMapped && use != ContentUse.Read;
            if (!isMapped && place->Long != 0)
                LetGo(task, place, descriptor->Bits);
            place->Tenant = tenant;
            place->Use = isOfUse ? OnlyRead : (ushort)((uint)use | refused);
            place->Start = start & ~(stretch - 1);
            after = isMapped ? Mapped : isOfUse ? Empty : Refused;
        }
        Volatile.Write(ref place->State, after);
    }

    // Nothing is mapped at the place any more, and it is the slot's own.
    private static void LetGo(TaskState* task, FilePlace* place, uint bits)
    {
        KernelCalls.Unmap(AddressOf(place, bits), StretchOf(place));
        if (place->Long != 0)
            Interlocked.And(ref task->Process->Space->LongPlaces, ~(1u << (place->Long - 1)));
        place->Long = 0;
    }

    // True if the slot has a long place, or one is free. Which it gets is decided when it is mapped.
    private static bool HasLongPlace(TaskState* task, FilePlace* place) =>
        place->Long != 0 || Volatile.Read(ref task->Process->Space->LongPlaces) != (1u << (int)FileSlots.LongPlaces) - 1;

    // The slot keeps its own if there is none.
    private static void TakeLongPlace(TaskState* task, FilePlace* place)
    {
        ref uint taken = ref task->Process->Space->LongPlaces;
        for (int number = 0; number < FileSlots.LongPlaces; number++)
        {
            uint bit = 1u << number;
            if ((Volatile.Read(ref taken) & bit) != 0 || (Interlocked.Or(ref taken, bit) & bit) != 0)
                continue;
            place->Long = (byte)(number + 1);
            return;
        }
    }

    // Whether what was read was the file all the time; then it was read now, also at its end.
    private static bool IsStill(byte* slot, uint sequence, uint flags)
    {
        if (Volatile.Read(ref *(uint*)(slot + FileSlots.Sequence)) != sequence)
            return false;
        NoteAccess(slot, flags);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void NoteAccess(byte* slot, uint flags)
    {
        if ((flags & FileSlots.Touches) != 0)
            Volatile.Write(ref *(ulong*)(slot + FileSlots.Accessed), Clock.Now + Clock.Page->WallOffset);
    }

    private static uint FileNumberOf(byte* slot) => *(uint*)(slot + FileSlots.FileNumber);

    // Where the slot leaves room for it: so it is as new as the area, and a forked child has neither.
    private static FilePlace* PlaceOf(uint bits) => (FilePlace*)(SharedFiles.SlotOf(bits) + FileSlots.Own);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddressOf(FilePlace* place, uint bits) => place->Long != 0
        ? Window.LongContents + (place->Long - 1u) * FileSlots.LongStretch : Window.FileContents + SharedFiles.NumberOf(bits) * FileSlots.Stretch;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong StretchOf(FilePlace* place) => place->Long != 0 ? FileSlots.LongStretch : FileSlots.Stretch;

    private static ContentUse UseOf(FilePlace* place) => (ContentUse)(place->Use & ~OnlyRead);
}
