using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Looks at descriptions that are mapped, one after the other, while the lock of the descriptor table is held and a number of each has been found open: so
/// nothing is unmapped meanwhile, and nothing has to be entered and left.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct HeldLook
{
    private TaskState* task;
    private StreamPlace* streams;
    private ulong* sources;
    private ulong table;

    /// <summary>Begins, with the lock held.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Begin(HeldLook* self, TaskState* task, DescriptorTable* table)
    {
        SpaceState* space = task->Process->Space;
        self->task = task;
        self->streams = space->Streams;
        self->sources = space->Sources;
        self->table = DescriptorTable.NumberOf(table);
    }

    /// <summary>What poll finds now of a handle, of a descriptor with these bits. False: not without asking.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryLevel(HeldLook* self, uint handle, uint bits, ushort events, out ushort found)
    {
        if ((bits & DescriptorBits.Mapped) != 0)
        {
            StreamPlace* place = StreamPlaces.FindHeld(self->streams, self->table, handle);
            found = 0;
            return place != null && StreamPoll.TryLevel(place, events, out found);
        }
        if ((bits & DescriptorBits.EventCounter) != 0)
            return EventCounters.TryLevel(MemorySources.FindHeld(self->sources, self->table, handle), events, out found);
        return TryEdge(self, handle, bits, events, out found, out _);
    }

    /// <summary>The same, and the number of the last change, which is taken first.</summary>
    public static bool TryEdge(HeldLook* self, uint handle, uint bits, ushort events, out ushort found, out uint number)
    {
        if ((bits & DescriptorBits.Mapped) == 0)
            return MemoryPoll.TryLook(self->task, handle, bits, events, out found, out number);
        found = 0;
        number = 0;
        StreamPlace* place = StreamPlaces.FindHeld(self->streams, self->table, handle);
        return place != null && StreamPoll.Look(place, events, out found, out number);
    }

    /// <summary>The number of the last change, also where what is ready has to be asked for.</summary>
    public static bool TryNumber(HeldLook* self, uint handle, uint bits, ushort events, out uint number)
    {
        if ((bits & DescriptorBits.Mapped) == 0)
            return MemoryPoll.TryLook(self->task, handle, bits, events, out _, out number);
        StreamPlace* place = StreamPlaces.FindHeld(self->streams, self->table, handle);
        number = place != null ? StreamPoll.NumberOf(place, events) : 0;
        return place != null;
    }
}
