using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Open regular files without a request (docs/files-in-memory.md): the area of slots at <see cref="Window.FileArea"/>, in which vfs shows attributes and lends
/// offsets. Where a slot does not help, a request does.
/// </summary>
internal static unsafe class SharedFiles
{
    // States of the area: not there, being mapped by a thread, there, not to be had.
    private const uint Absent = 0, BeingMapped = 1, Present = 2, Refused = 3;

    /// <summary>As often an offset that others keep changing is tried anew; then vfs may try.</summary>
    private const int MostTries = 1000;

    /// <summary>Takes note of what an answer says of the descriptor's slot. Answers of other files say nothing.</summary>
    public static void Learn(TaskState* task, ulong fd, Descriptor* descriptor, VfsRequest* request) => Learn(task, fd, descriptor, request->V2);

    /// <summary>The same of what an answer says of one of several descriptors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Learn(TaskState* task, ulong fd, Descriptor* descriptor, ulong told)
    {
        if (told == 0 || (descriptor->Bits & DescriptorBits.Server) != 0 || told << DescriptorBits.SlotShift == (descriptor->Bits & DescriptorBits.Slot))
            return;
        if (told == FileSlots.AreaWanted)
            MapArea(task);
        else if (told <= FileSlots.Count)
            DescriptorTable.SetBitsOf(task, fd, descriptor->Handle, DescriptorBits.Slot, (uint)told << DescriptorBits.SlotShift);
    }

    /// <summary>lseek(2) of a descriptor with a slot. False: not without a request, which finds errors too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TrySeek(TaskState* task, Descriptor* descriptor, ulong offset, uint whence, out long result)
    {
        const uint seekSet = 0, seekCurrent = 1;
        byte* slot = SlotOf(descriptor->Bits);
        result = 0;
        if (whence > seekCurrent || !IsOf(slot, descriptor))
            return false;
        ref ulong word = ref *(ulong*)(slot + FileSlots.Offset);
        ulong found = Volatile.Read(ref word);
        for (int tries = 0; (found & FileSlots.Lent) != 0 && tries < MostTries; tries++)
        {
            ulong target = whence == seekSet ? offset : unchecked((found & ~FileSlots.Lent) + offset);
            // Also what went beyond the largest offset: both are below twice that.
            if ((long)target < 0)
                return false;
            ulong seen = found;
            found = Interlocked.CompareExchange(ref word, target | FileSlots.Lent, seen);
            if (found == seen)
            {
                result = (long)target;
                return true;
            }
        }
        return (found & (FileSlots.Lent | FileSlots.Shared)) == FileSlots.Shared
            && SharedOffsets.TrySeek(task, descriptor, found, offset, whence == seekCurrent, out result);
    }

    /// <summary>fstat(2) of a descriptor with a slot. False: not without a request.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryStat(Descriptor* descriptor, ulong buffer)
    {
        byte* slot = SlotOf(descriptor->Bits);
        uint sequence = Volatile.Read(ref *(uint*)(slot + FileSlots.Sequence));
        if ((sequence & 1) == 0 || (*(uint*)(slot + FileSlots.Flags) & FileSlots.HasRecord) == 0 || !IsOf(slot, descriptor))
            return false;
        return UserMemory.CopyOut(buffer, slot + FileSlots.Record, StatLayout.Length) && Volatile.Read(ref *(uint*)(slot + FileSlots.Sequence)) == sequence;
    }

    /// <summary>In a forked child: its parent's area was left out.</summary>
    public static void AfterFork(SpaceState* space) => (space->FileAreaState, space->LongPlaces) = (Absent, 0);

    /// <summary>True if a slot is that of a descriptor's handle, as vfs says.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOf(byte* slot, Descriptor* descriptor) => Volatile.Read(ref *(uint*)(slot + FileSlots.Handle)) == descriptor->Handle;

    /// <summary>What the slot says of the offset.</summary>
    public static ulong OffsetOf(uint bits) => Volatile.Read(ref *(ulong*)(SlotOf(bits) + FileSlots.Offset));

    /// <summary>Number of a descriptor's slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NumberOf(uint bits) => ((bits & DescriptorBits.Slot) >> DescriptorBits.SlotShift) - 1;

    /// <summary>Address of a descriptor's slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* SlotOf(uint bits) => (byte*)Window.FileArea + NumberOf(bits) * FileSlots.Length;

    private static void MapArea(TaskState* task)
    {
        SpaceState* space = task->Process->Space;
        if (Interlocked.CompareExchange(ref space->FileAreaState, BeingMapped, Absent) != Absent)
            return;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.MapFileArea, Window.FileArea);
        bool isThere = OfferedMemory.TryObtain(task, &request, Window.FileArea, FileSlots.AreaLength);
        Volatile.Write(ref space->FileAreaState, isThere ? Present : Refused);
    }
}
