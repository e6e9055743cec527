using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>Open descriptors of a process, in the heap; several processes of one space share it (CLONE_FILES). Copied by fork with the heap.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe partial struct DescriptorTable
{
    /// <summary>First size: Linux' own (BITS_PER_LONG descriptors), enough for nearly every program.</summary>
    private const uint FirstCapacity = 64;

    /// <summary>Handles and descriptors a table can hold: vfs gives out fewer.</summary>
    private const uint Largest = 1 << 16;

    // Of the lengths of arrays, which are powers of two below the largest.
    private const int Sizes = 16;

    /// <summary>Default soft RLIMIT_NOFILE (getrlimit(2); the value Debian's init gives).</summary>
    public const uint DefaultLimit = 1024;

    /// <summary>Handles share these counters by their low bits: a stranger's activity costs an extra event, never one too few.</summary>
    private const int ActivityCounters = 64;

    /// <summary>Processes that share the table (CLONE_FILES).</summary>
    public int References;

    /// <summary>Guards all of it. Held for a few instructions, or while the arrays grow; never over a request.</summary>
    public PersonalityLock Lock;

    /// <summary>Soft RLIMIT_NOFILE: numbers are below it.</summary>
    public uint Limit;

    /// <summary>Handles for opens that are posted.</summary>
    public LentHandles Lent;

    /// <summary>Not 0 once <see cref="MemorySources"/> or <see cref="StreamPlaces"/> may know handles of this table.</summary>
    public uint HasPlaces;

    /// <summary>Directories that paths begin at.</summary>
    public KnownDirectories Directories;

    private DescriptorSlots view;

    // Arrays that were too short, by the binary logarithm of their length.
    private fixed ulong outgrown[Sizes];

    /// <summary>Counters of <see cref="NoteActivity"/>.</summary>
    private fixed uint activity[ActivityCounters];

    /// <summary>An empty table, or null.</summary>
    public static DescriptorTable* Create() => Create(
        PersonalityHeap.Allocate(FirstCapacity * (ulong)sizeof(Descriptor)), PersonalityHeap.Allocate(FirstCapacity * sizeof(ulong)), FirstCapacity,
        FirstCapacity);

    /// <summary>
    /// A copy for a process that does not share (vfork, CLONE_VM without CLONE_FILES); vfs has duplicated the handles under the same numbers.
    /// </summary>
    public static DescriptorTable* Copy(DescriptorTable* source)
    {
        PersonalityLock.Enter(&source->Lock);
        // Not what was needed once: most copies are of a process that is about to run another program.
        uint capacity = FirstCapacity;
        while (capacity < source->view.End)
            capacity *= 2;
        ulong room = capacity * (ulong)sizeof(Descriptor), length = source->view.End * (ulong)sizeof(Descriptor);
        DescriptorTable* table = Create(
            PersonalityHeap.AllocateDirty(room), PersonalityHeap.AllocateDirty(source->view.UsesCapacity * sizeof(ulong)), capacity,
            source->view.UsesCapacity);
        if (table != null)
        {
            BlockMemory.Move(table->view.Slots, source->view.Slots, length);
            BlockMemory.Zero((byte*)table->view.Slots + length, room - length);
            table->view.End = source->view.End;
            BlockMemory.Move(table->view.Uses, source->view.Uses, source->view.UsesCapacity * sizeof(ulong));
            table->Limit = source->Limit;
            for (uint i = 0; i < table->view.End; i++)
            {
                Descriptor* slot = table->view.Slots + i;
                // What another thread is opening belongs to the other process.
                if ((slot->Bits & DescriptorBits.Installed) == 0)
                    slot->Bits = 0;
                slot->Bits &= ~DescriptorBits.Slot; // of the other's handles
                if ((slot->Bits & DescriptorBits.Local) != 0)
                    EpollSet.AddReference(EpollSet.At(slot->Handle));
            }
            table->view.Shorten();
        }
        PersonalityLock.Exit(&source->Lock);
        return table;
    }

    /// <summary>In a forked child: nobody else opens anything, so reservations go; and so do the parent's slots of handles.</summary>
    public static void AfterFork(DescriptorTable* table)
    {
        PersonalityLock.Reset(&table->Lock);
        table->References = 1;
        table->Lent = default; // vfs has lent them to the parent
        table->view.Taken = 0;
        for (uint i = 0; i < table->view.End; i++)
        {
            if ((table->view.Slots[i].Bits & DescriptorBits.Installed) == 0)
                table->view.Slots[i].Bits = 0;
            else if ((table->view.Slots[i].Bits & DescriptorBits.Slot) != 0)
                table->view.Slots[i].Bits &= ~DescriptorBits.Slot;
            if ((table->view.Slots[i].Bits & DescriptorBits.Local) != 0)
                EpollSet.AfterFork(EpollSet.At(table->view.Slots[i].Handle));
        }
    }

    /// <summary>A process lets go. vfs closes the handles by itself when the process ends.</summary>
    public static void Release(SpaceState* space, DescriptorTable* table)
    {
        if (table == null || Interlocked.Decrement(ref table->References) > 0)
            return;
        if (table->HasPlaces != 0)
        {
            MemorySources.Forget(space, table);
            StreamPlaces.Forget(space, table);
        }
        for (uint i = 0; i < table->view.End; i++)
        {
            Descriptor* slot = table->view.Slots + i;
            if ((slot->Bits & DescriptorBits.Installed) != 0 && (slot->Bits & DescriptorBits.Local) != 0)
                EpollSet.Release(space, EpollSet.At(slot->Handle));
        }
        Free(table);
    }

    /// <summary>
    /// Data was moved through the handle: edges that epoll holds back may be reported again. Races lose one of several increments, which does no harm.
    /// </summary>
    public static void NoteActivity(TaskState* task, uint handle) => task->Process->Descriptors->activity[handle % ActivityCounters]++;

    /// <summary>Changes with each activity on the handle.</summary>
    public static uint Activity(TaskState* task, uint handle) => task->Process->Descriptors->activity[handle % ActivityCounters];

    /// <summary>Looks a number up; false = EBADF.</summary>
    public static bool Find(TaskState* task, ulong number, Descriptor* copy)
    {
        DescriptorTable* table = task->Process->Descriptors;
        int fd = (int)(uint)number;
        return table != null && fd >= 0 && FindIn(table, fd, copy);
    }

    /// <summary>
    /// Handle and bits alone, without the lock: they are one word, and an array that is too short is kept when it is replaced. False = EBADF. What else is
    /// known <see cref="Complete"/> says.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Look(TaskState* task, ulong number, Descriptor* found)
    {
        DescriptorTable* table = task->Process->Descriptors;
        if (table == null || (uint)number >= Volatile.Read(ref table->view.Capacity))
            return false;
        ulong word = Volatile.Read(ref *(ulong*)(table->view.Slots + (uint)number));
        *(ulong*)found = word;
        return (word >> Descriptor.BitsShift & DescriptorBits.Installed) != 0;
    }

    /// <summary>The rest of what <see cref="Look"/> has found. If the number is another one's by now, vfs has to say what the handle is.</summary>
    public static void Complete(TaskState* task, ulong number, Descriptor* descriptor)
    {
        uint handle = descriptor->Handle, bits = descriptor->Bits;
        if (Find(task, number, descriptor) && descriptor->Handle == handle && ((descriptor->Bits ^ bits) & DescriptorBits.Local) == 0)
            return;
        descriptor->Handle = handle;
        descriptor->Bits = bits | DescriptorBits.Unknown;
        descriptor->Mode = 0;
        descriptor->Access = 0;
    }

    /// <summary>The same in a table that there is, for a number that is not negative: in line, for who looks up many.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool FindIn(DescriptorTable* table, int fd, Descriptor* copy)
    {
        PersonalityLock.Enter(&table->Lock);
        bool open = table->view.IsOpen(fd);
        if (open)
        {
            Descriptor* slot = table->view.Slots + fd;
            copy->Handle = slot->Handle;
            copy->Bits = slot->Bits;
            copy->Mode = slot->Mode;
            copy->Access = slot->Access;
        }
        PersonalityLock.Exit(&table->Lock);
        return open;
    }

    /// <summary>Handle and bits alone of a number that is not negative; without <see cref="DescriptorBits.Installed"/> it is not open.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint HandleIn(DescriptorTable* table, int fd, out uint bits)
    {
        uint handle = 0;
        bits = 0;
        PersonalityLock.Enter(&table->Lock);
        if ((uint)fd < table->view.Capacity)
        {
            handle = table->view.Slots[fd].Handle;
            bits = table->view.Slots[fd].Bits;
        }
        PersonalityLock.Exit(&table->Lock);
        return handle;
    }

    /// <summary>Changes bits of an open number; false = EBADF.</summary>
    public static bool SetBits(TaskState* task, ulong number, uint clear, uint set)
    {
        DescriptorTable* table = task->Process->Descriptors;
        int fd = (int)(uint)number;
        if (table == null || fd < 0)
            return false;
        PersonalityLock.Enter(&table->Lock);
        bool open = table->view.IsOpen(fd);
        if (open)
            table->view.Slots[fd].Bits = table->view.Slots[fd].Bits & ~clear | set;
        PersonalityLock.Exit(&table->Lock);
        return open;
    }

    /// <summary>Changes bits of all numbers of a handle, if <paramref name="number"/> still is one.</summary>
    public static void SetBitsOf(TaskState* task, ulong number, uint handle, uint clear, uint set)
    {
        DescriptorTable* table = task->Process->Descriptors;
        int fd = (int)(uint)number;
        PersonalityLock.Enter(&table->Lock);
        bool isOpen = table->view.IsOpen(fd) && table->view.Slots[fd].Handle == handle;
        for (int i = 0; isOpen && i < (int)table->view.End; i++)
        {
            Descriptor* slot = table->view.Slots + i;
            if (table->view.IsOpen(i) && slot->Handle == handle && (slot->Bits & DescriptorBits.Local) == 0)
                slot->Bits = slot->Bits & ~clear | set;
        }
        PersonalityLock.Exit(&table->Lock);
    }

    /// <summary>Fills what exec left unknown.</summary>
    public static void SetFacts(TaskState* task, ulong number, uint handle, uint bits, uint mode, uint access)
    {
        DescriptorTable* table = task->Process->Descriptors;
        int fd = (int)(uint)number;
        PersonalityLock.Enter(&table->Lock);
        if (table->view.IsOpen(fd) && table->view.Slots[fd].Handle == handle)
        {
            table->view.Slots[fd].Bits = table->view.Slots[fd].Bits & ~DescriptorBits.Unknown | bits;
            table->view.Slots[fd].Mode = mode;
            table->view.Slots[fd].Access = access;
        }
        PersonalityLock.Exit(&table->Lock);
    }

    /// <summary>Reserves the lowest free number from <paramref name="lowest"/> on: the number, −EMFILE, or −ENOMEM.</summary>
    public static long Reserve(TaskState* task, int lowest = 0)
    {
        DescriptorTable* table = task->Process->Descriptors;
        if (table == null)
            return -Errno.ENOSYS;
        PersonalityLock.Enter(&table->Lock);
        long result = table->view.LowestFree(lowest, (int)(table->Limit < Largest ? table->Limit : Largest));
        if (result < 0)
            result = -Errno.EMFILE;
        else if (!Grow(table, (uint)result + 1))
            result = -Errno.ENOMEM;
        else
            table->view.Reserve((int)result);
        PersonalityLock.Exit(&table->Lock);
        return result;
    }

    /// <summary>Gives a reserved number back.</summary>
    public static void Unreserve(TaskState* task, long number)
    {
        DescriptorTable* table = task->Process->Descriptors;
        PersonalityLock.Enter(&table->Lock);
        table->view.Release((int)number);
        PersonalityLock.Exit(&table->Lock);
    }

    /// <summary>Opens a reserved number. 0, or −ENOMEM: then the reservation is gone and the caller closes the handle.</summary>
    public static long Install(TaskState* task, long number, uint handle, uint bits, uint mode, uint access)
    {
        DescriptorTable* table = task->Process->Descriptors;
        PersonalityLock.Enter(&table->Lock);
        bool local = (bits & DescriptorBits.Local) != 0;
        bool fits = Grow(table, (uint)number + 1) && (local || handle < Largest && GrowUses(table, handle + 1));
        if (fits)
            table->view.Install((int)number, handle, bits, mode, access);
        else
            table->view.Release((int)number);
        PersonalityLock.Exit(&table->Lock);
        Publish(task->Process, (int)number, fits && !local ? handle + 1 : 0);
        return fits ? 0 : -Errno.ENOMEM;
    }

    /// <summary>Makes the lowest free number from <paramref name="lowest"/> on a second one for <paramref name="source"/>: that number, or −errno.</summary>
    public static long Duplicate(TaskState* task, ulong source, int lowest, uint bits)
    {
        DescriptorTable* table = task->Process->Descriptors;
        if (table == null)
            return -Errno.ENOSYS;
        long result = -Errno.EBADF;
        uint shown = 0;
        PersonalityLock.Enter(&table->Lock);
        if (table->view.IsOpen((int)(uint)source))
        {
            result = table->view.LowestFree(lowest, (int)(table->Limit < Largest ? table->Limit : Largest));
            if (result < 0)
                result = -Errno.EMFILE;
            else if (!Grow(table, (uint)result + 1))
                result = -Errno.ENOMEM;
            else
                shown = InstallCopy(table, (int)(uint)source, (int)result, bits);
        }
        PersonalityLock.Exit(&table->Lock);
        if (result >= 0)
            Publish(task->Process, (int)result, shown);
        return result;
    }

    /// <summary>
    /// Makes <paramref name="target"/> a second number for <paramref name="source"/>. What the target was is closed first and returned in
    /// <paramref name="closed"/> for the caller to finish. Returns the target or −errno.
    /// </summary>
    public static long Replace(TaskState* task, ulong source, int target, uint bits, Descriptor* closed, out bool owed)
    {
        DescriptorTable* table = task->Process->Descriptors;
        owed = false;
        if (table == null)
            return -Errno.ENOSYS;
        long result = target;
        uint shown = 0;
        PersonalityLock.Enter(&table->Lock);
        if (!table->view.IsOpen((int)(uint)source))
            result = -Errno.EBADF;
        else if (target < 0)
            result = -Errno.EMFILE;
        else if (!Grow(table, (uint)target + 1))
            result = -Errno.ENOMEM;
        else if ((table->view.Slots[target].Bits & (DescriptorBits.Used | DescriptorBits.Installed)) == DescriptorBits.Used)
            result = -Errno.EBUSY; // dup(2): another thread is just opening this number
        if (result >= 0)
        {
            if (table->view.IsOpen(target))
            {
                closed->Handle = table->view.Slots[target].Handle;
                closed->Bits = table->view.Slots[target].Bits;
                // If it is another number for the same handle, the source still counts, so nothing is owed.
                uint replaced = table->view.Slots[target].Mode;
                if (owed = table->view.Remove(target))
                    KnownDirectories.Forget(table, closed->Handle, replaced);
            }
            shown = InstallCopy(table, (int)(uint)source, target, bits);
        }
        PersonalityLock.Exit(&table->Lock);
        if (result >= 0)
            Publish(task->Process, target, shown);
        return result;
    }

    /// <summary>
    /// Takes a number out, in line. False = EBADF; <paramref name="owed"/>: the caller finishes with <see cref="CloseCalls.Finish"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Remove(TaskState* task, ulong number, Descriptor* closed, out bool owed)
    {
        DescriptorTable* table = task->Process->Descriptors;
        owed = false;
        int fd = (int)(uint)number;
        if (table == null)
            return false;
        PersonalityLock.Enter(&table->Lock);
        bool open = table->view.IsOpen(fd);
        if (open)
        {
            closed->Handle = table->view.Slots[fd].Handle;
            closed->Bits = table->view.Slots[fd].Bits;
            uint mode = table->view.Slots[fd].Mode;
            if (owed = table->view.Remove(fd))
                KnownDirectories.Forget(table, closed->Handle, mode);
        }
        PersonalityLock.Exit(&table->Lock);
        if (open)
            Publish(task->Process, fd, 0);
        return open;
    }

    /// <summary>Lowest open number ≥ <paramref name="from"/>, or −1: to walk the table without holding its lock.</summary>
    public static int Next(DescriptorTable* table, int from)
    {
        PersonalityLock.Enter(&table->Lock);
        int number = from;
        while (number < (int)table->view.End && !table->view.IsOpen(number))
            number++;
        PersonalityLock.Exit(&table->Lock);
        return number < (int)table->view.End ? number : -1;
    }

    /// <summary>One more than the highest number that could be open.</summary>
    public static int End(DescriptorTable* table) => (int)Volatile.Read(ref table->view.End);

    /// <summary>One more than the highest number that the table has room for: select(2) passes over those behind it.</summary>
    public static int Capacity(DescriptorTable* table) => (int)Volatile.Read(ref table->view.Capacity);

    /// <summary>Adds a descriptor that came through exec.</summary>
    public static bool Adopt(DescriptorTable* table, uint number, uint handle, uint flags)
    {
        if (number >= Largest || handle >= Largest || !Grow(table, number + 1) || !GrowUses(table, handle + 1))
            return false;
        if (table->view.IsOpen((int)number))
            return false;
        table->view.Install((int)number, handle, (flags & DescriptorBits.Kept) | DescriptorBits.Unknown, 0, 0);
        return true;
    }

    /// <summary>Makes room for handles from a number on that vfs said: installing one does not fail for that. False: it is too large, or no memory.</summary>
    public static bool PrepareHandles(DescriptorTable* table, ulong first, uint count)
    {
        if (first > Largest - count)
            return false;
        PersonalityLock.Enter(&table->Lock);
        bool fits = GrowUses(table, (uint)first + count);
        PersonalityLock.Exit(&table->Lock);
        return fits;
    }

    /// <summary>
    /// With the lock held: all numbers of a local object become numbers of a handle for which there is room (<see cref="PrepareHandles"/>). How many.
    /// </summary>
    public static int ReplaceLocal(ProcessState* process, uint local, uint handle)
    {
        const uint ownerOnly = 0x180;
        DescriptorTable* table = process->Descriptors;
        int count = 0;
        for (int i = 0; i < (int)table->view.End; i++)
        {
            Descriptor* slot = table->view.Slots + i;
            if (!table->view.IsOpen(i) || (slot->Bits & DescriptorBits.Local) == 0 || slot->Handle != local)
                continue;
            table->view.Install(i, handle, slot->Bits & DescriptorBits.CloseOnExec | DescriptorBits.Set, ownerOnly, OpenFlags.ReadWrite);
            Publish(process, i, handle + 1);
            count++;
        }
        return count;
    }

    /// <summary>Writes the whole table to where /proc/PID/fd is made from: of a fresh connection, where all numbers are closed.</summary>
    public static void PublishAll(ProcessState* process)
    {
        DescriptorTable* table = process->Descriptors;
        for (int i = 0; i < VfsLimits.DescriptorTableEntries && i < (int)table->view.End; i++)
        {
            bool shown = (table->view.Slots[i].Bits & (DescriptorBits.Installed | DescriptorBits.Local)) == DescriptorBits.Installed;
            if (shown)
                Publish(process, i, table->view.Slots[i].Handle + 1);
        }
    }

    // With the lock held: makes the number another one for an open one. What is to be published of it.
    private static uint InstallCopy(DescriptorTable* table, int source, int number, uint bits)
    {
        Descriptor* from = table->view.Slots + source;
        uint handle = from->Handle, fromBits = from->Bits;
        if ((fromBits & DescriptorBits.Local) != 0)
            EpollSet.AddReference(EpollSet.At(handle));
        table->view.Install(number, handle, fromBits & ~DescriptorBits.CloseOnExec | bits, from->Mode, from->Access);
        return (fromBits & DescriptorBits.Local) != 0 ? 0 : handle + 1;
    }

    /// <summary>A process that lives in its parent's space has no connection of its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Publish(ProcessState* process, int number, uint value)
    {
        if (number < VfsLimits.DescriptorTableEntries && (process->Flags & ProcessFlags.Borrower) == 0 && process->Space->Connection != null)
            Volatile.Write(ref ((ushort*)(Window.VfsConnection + VfsLimits.DescriptorTable))[number], (ushort)value);
    }

    // Takes the arrays over, also when it fails.
    private static DescriptorTable* Create(void* slots, void* uses, uint capacity, uint usesCapacity)
    {
        DescriptorTable* table = (DescriptorTable*)PersonalityHeap.Allocate((ulong)sizeof(DescriptorTable));
        if (table == null || slots == null || uses == null)
        {
            PersonalityHeap.Free(slots);
            PersonalityHeap.Free(uses);
            PersonalityHeap.Free(table);
            return null;
        }
        table->References = 1;
        table->Limit = DefaultLimit;
        table->view.Slots = (Descriptor*)slots;
        table->view.Uses = (ulong*)uses;
        table->view.Capacity = capacity;
        table->view.UsesCapacity = usesCapacity;
        return table;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Grow(DescriptorTable* table, uint needed) => needed <= table->view.Capacity || Enlarge(table, needed);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Enlarge(DescriptorTable* table, uint needed)
    {
        if (needed > Largest)
            return false;
        uint size = table->view.Capacity;
        while (size < needed)
            size *= 2;
        Descriptor* larger = (Descriptor*)PersonalityHeap.Allocate(size * (ulong)sizeof(Descriptor));
        if (larger == null)
            return false;
        BlockMemory.Move(larger, table->view.Slots, table->view.Capacity * (ulong)sizeof(Descriptor));
        // Kept, all together no longer than the new one: who looks without the lock may have its address. Such a one sees the new array before its length.
        table->outgrown[System.Numerics.BitOperations.Log2(table->view.Capacity)] = (ulong)table->view.Slots;
        Volatile.Write(ref *(ulong*)&table->view.Slots, (ulong)larger);
        Volatile.Write(ref table->view.Capacity, size);
        return true;
    }

    private static bool GrowUses(DescriptorTable* table, uint needed)
    {
        if (needed <= table->view.UsesCapacity)
            return true;
        if (needed > Largest)
            return false;
        uint size = table->view.UsesCapacity;
        while (size < needed)
            size *= 2;
        ulong* larger = (ulong*)PersonalityHeap.Allocate(size * sizeof(ulong));
        if (larger == null)
            return false;
        BlockMemory.Move(larger, table->view.Uses, table->view.UsesCapacity * sizeof(ulong));
        PersonalityHeap.Free(table->view.Uses);
        table->view.Uses = larger;
        table->view.UsesCapacity = size;
        return true;
    }

    private static void Free(DescriptorTable* table)
    {
        for (int i = 0; i < Sizes; i++)
            PersonalityHeap.Free((void*)table->outgrown[i]);
        PersonalityHeap.Free(table->view.Slots);
        PersonalityHeap.Free(table->view.Uses);
        PersonalityHeap.Free(table);
    }
}
