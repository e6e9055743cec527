using System.Runtime.CompilerServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// The pages of open file descriptions that this space has mapped (docs/memory-sources.md): a table of one word for each place at
/// <see cref="Window.MemorySources"/>, read without a lock. A page may go at any time, so everything in one is reached by the copy stubs.
/// </summary>
internal static unsafe class MemorySources
{
    /// <summary>Places that a handle may be at; where all are taken, requests do.</summary>
    private const uint Probes = 4;

    // A word: distance of the descriptor table from the heap's start | handle | what kind | state.
    private const int TableShift = 32, HandleShift = 8;
    private const ulong Semaphore = 4, StateMask = 3, KeyMask = ~0xFFul;

    /// <summary>Was used once by a request; the next use maps it.</summary>
    private const ulong Used = 1;
    /// <summary>The page is there.</summary>
    private const ulong Mapped = 2;
    /// <summary>vfs has none for it.</summary>
    private const ulong Refused = 3;

    /// <summary>Address of a handle's page, 0: not mapped.</summary>
    public static ulong Find(TaskState* task, uint handle, out bool isSemaphore)
    {
        ulong word = WordOf(task, handle, out uint place);
        isSemaphore = (word & Semaphore) != 0;
        return (word & StateMask) == Mapped ? AddressOf(place) : 0;
    }

    /// <summary>The same for whoever holds the lock of the descriptor table that lies so far behind the heap's start.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FindHeld(ulong* words, ulong table, uint handle)
    {
        ulong mapped = table << TableShift | (ulong)handle << HandleShift | Mapped;
        for (uint i = 0; words != null && i < Probes; i++)
        {
            uint place = (handle + i) % Window.MemorySourceCount;
            if ((Volatile.Read(ref words[place]) & ~Semaphore) == mapped)
                return AddressOf(place);
        }
        return 0;
    }

    /// <summary>The same by who wants to change it: mapped when it is used for the second time. A child that rings once does not pay for a page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Use(TaskState* task, uint handle, out bool isSemaphore)
    {
        // Most are where they are looked for first.
        uint first = handle % Window.MemorySourceCount;
        ulong* words = (ulong*)Volatile.Read(ref *(ulong*)&task->Process->Space->Sources);
        ulong word = words == null ? 0 : Volatile.Read(ref words[first]);
        isSemaphore = (word & Semaphore) != 0;
        return (word & ~Semaphore) == (KeyOf(task, handle) | Mapped) ? AddressOf(first) : UseElsewhere(task, handle, out isSemaphore);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong UseElsewhere(TaskState* task, uint handle, out bool isSemaphore)
    {
        ulong word = WordOf(task, handle, out uint place);
        isSemaphore = (word & Semaphore) != 0;
        if ((word & StateMask) == Mapped)
            return AddressOf(place);
        if (word == 0)
            Claim(task, handle, out _);
        if ((word & StateMask) != Used)
            return 0;
        ulong address = Obtain(task, handle);
        return address == 0 ? 0 : Find(task, handle, out isSemaphore);
    }

    /// <summary>True if the handle's page is not mapped, and nobody has refused it.</summary>
    public static bool IsWanting(TaskState* task, uint handle) => (WordOf(task, handle, out _) & StateMask) is 0 or Used;

    /// <summary>Maps a handle's page: its address, or 0.</summary>
    public static ulong Obtain(TaskState* task, uint handle)
    {
        SpaceState* space = task->Process->Space;
        ulong address = 0;
        PersonalityLock.Enter(&space->SourceLock);
        ulong word = WordOf(task, handle, out uint place);
        if (word == 0 && Claim(task, handle, out place))
            word = KeyOf(task, handle) | Used;
        if ((word & StateMask) == Used)
        {
            word = Map(task, handle, AddressOf(place)) | KeyOf(task, handle);
            Volatile.Write(ref space->Sources[place], word);
        }
        if ((word & StateMask) == Mapped)
            address = AddressOf(place);
        PersonalityLock.Exit(&space->SourceLock);
        return address;
    }

    /// <summary>close(2) of a handle's last descriptor. The lock keeps the page of what gets the number next from being taken for this one's.</summary>
    public static long Close(TaskState* task, uint handle)
    {
        SpaceState* space = task->Process->Space;
        PersonalityLock.Enter(&space->SourceLock);
        if (WordOf(task, handle, out uint place) != 0)
            Drop(space, place);
        long result = VfsClient.Call(task, VfsOperation.Close, handle);
        PersonalityLock.Exit(&space->SourceLock);
        return result;
    }

    /// <summary>A handle's page is not needed any more, or is another one's.</summary>
    public static void Leave(TaskState* task, uint handle)
    {
        SpaceState* space = task->Process->Space;
        PersonalityLock.Enter(&space->SourceLock);
        if (WordOf(task, handle, out uint place) != 0)
            Drop(space, place);
        PersonalityLock.Exit(&space->SourceLock);
    }

    /// <summary>A descriptor table goes, and its address may be another one's.</summary>
    public static void Forget(SpaceState* space, DescriptorTable* table)
    {
        if (space->Sources == null)
            return;
        PersonalityLock.Enter(&space->SourceLock);
        for (uint place = 0; place < Window.MemorySourceCount; place++)
        {
            if (space->Sources[place] >> TableShift == (ulong)table - Window.Heap)
                Drop(space, place);
        }
        PersonalityLock.Exit(&space->SourceLock);
    }

    /// <summary>In a forked child: its parent's mappings were left out.</summary>
    public static void AfterFork(SpaceState* space)
    {
        PersonalityLock.Reset(&space->SourceLock);
        for (uint place = 0; space->Sources != null && place < Window.MemorySourceCount; place++)
        {
            if (space->Sources[place] != 0) // else a page would be copied for nothing
                space->Sources[place] = 0;
        }
    }

    private static ulong AddressOf(uint place) => Window.MemorySources + place * EventCounterPage.Length;

    private static ulong KeyOf(TaskState* task, uint handle) =>
        (ulong)task->Process->Descriptors - Window.Heap << TableShift | (ulong)handle << HandleShift;

    // The word of a handle, 0: there is none.
    private static ulong WordOf(TaskState* task, uint handle, out uint place)
    {
        ulong* words = (ulong*)Volatile.Read(ref *(ulong*)&task->Process->Space->Sources);
        ulong key = KeyOf(task, handle);
        place = 0;
        for (uint i = 0; words != null && i < Probes; i++)
        {
            place = (handle + i) % Window.MemorySourceCount;
            ulong word = Volatile.Read(ref words[place]);
            if ((word & KeyMask) == key && word != 0)
                return word;
        }
        return 0;
    }

    // Takes a place for a handle that has none. False: there is no place, or no memory.
    private static bool Claim(TaskState* task, uint handle, out uint place)
    {
        SpaceState* space = task->Process->Space;
        task->Process->Descriptors->HasPlaces = 1;
        place = 0;
        if (space->Sources == null)
        {
            ulong* made = (ulong*)PersonalityHeap.Allocate(Window.MemorySourceCount * sizeof(ulong));
            if (made == null)
                return false;
            if (Interlocked.CompareExchange(ref *(ulong*)&space->Sources, (ulong)made, 0) != 0)
                PersonalityHeap.Free(made);
        }
        for (uint i = 0; i < Probes; i++)
        {
            place = (handle + i) % Window.MemorySourceCount;
            ulong found = Interlocked.CompareExchange(ref space->Sources[place], KeyOf(task, handle) | Used, 0);
            if (found == 0 || (found & KeyMask) == KeyOf(task, handle)) // another thread may have been faster
                return true;
        }
        return false;
    }

    // State and kind of what was mapped.
    private static ulong Map(TaskState* task, uint handle, ulong address)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.MapSource, handle, address);
        bool isMapped = OfferedMemory.TryObtain(task, &request, address, EventCounterPage.Length);
        return isMapped ? Mapped | (request.V0 != 0 ? Semaphore : 0) : Refused;
    }

    // With the lock held. Threads that are about to touch the page get a fault's answer.
    private static void Drop(SpaceState* space, uint place)
    {
        ulong word = space->Sources[place];
        if ((word & StateMask) == Mapped)
            KernelCalls.Unmap(AddressOf(place), EventCounterPage.Length);
        Volatile.Write(ref space->Sources[place], 0);
    }
}
