using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>A place at <see cref="Window.Streams"/>: which end of which stream is there, or how much a handle has been used so far.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StreamPlace
{
    /// <summary>Distance of the descriptor table from the heap's start | handle | state; 0: free.</summary>
    public ulong Word;
    /// <summary>What requests have done through the handle, in units of <see cref="StreamPlaces"/>.</summary>
    public uint Uses;
    /// <summary>Threads that are in the stream, or about to look whether they may.</summary>
    public uint Users;
    /// <summary>Number of the mapping: what it calls itself in locks.</summary>
    public uint Number;
    /// <summary>Offset of the status flags of the description.</summary>
    public uint Flags;
    /// <summary>1: it may be read. 2: written. 4: it is a socket, with a stream each way. 8: of messages. 16: and the other end is here, too.</summary>
    public uint Access;
    /// <summary>Where it is.</summary>
    public ulong Memory;
    /// <summary>The same as three of those for what is written: of a socket another stream, of all else the same one.</summary>
    public uint WriteNumber, WriteFlags;
    /// <summary>Where it is.</summary>
    public ulong WriteMemory;
    /// <summary>
    /// The number of the writers' changes at which who only reads has found nothing, and <see cref="StreamPlaces.IsKnown"/>: until it is another, there is
    /// nothing. docs/streams.md.
    /// </summary>
    public ulong Quiet;
}

/// <summary>
/// The ends of streams that this space has mapped (docs/streams.md): a table that is read without a lock. While a thread is in a stream its handle is not
/// closed: as on Linux, where a call holds its file, the last thread to leave does what close(2) has left.
/// </summary>
internal static unsafe class StreamPlaces
{
    /// <summary>Of larger sets of descriptors, not all can be expected to find a place.</summary>
    public const int MostLooked = (int)Places / 2;

    /// <summary>May be read.</summary>
    public const uint Reads = 1;
    /// <summary>May be written.</summary>
    public const uint Writes = 2;
    /// <summary>It is a socket.</summary>
    public const uint OfSocket = 4;
    /// <summary>It has messages (<see cref="MessageStreams"/>).</summary>
    public const uint OfMessages = (uint)StreamLayout.OfMessages;
    /// <summary>This process had the other end, too, when it was mapped.</summary>
    public const uint HasOtherEnd = (uint)StreamLayout.HasOtherEnd;

    /// <summary>In <see cref="StreamPlace.Quiet"/>: there is a number. It has 32 bits and may be any.</summary>
    public const ulong IsKnown = 1ul << 32;

    /// <summary>Places. The regions of their second streams lie behind those of the first.</summary>
    private const uint Places = Window.StreamCount / 2;

    /// <summary>
    /// Places that share a bit of <see cref="SpaceState.StreamGroups"/>: of the others not even the memory is touched, and a fork copies none of it.
    /// </summary>
    private const uint GroupLength = 16;

    /// <summary>Places that a handle may be at; where all are taken, requests do.</summary>
    private const uint Probes = 4;

    /// <summary>
    /// So many requests, those with much data counting for more, until it is mapped: that and the end of it cost as much as so many requests, so what is
    /// used a few times only (most of what shells join) is not mapped, and what is used more never costs twice what the better way would have cost.
    /// </summary>
    private const uint Worthwhile = 8;
    /// <summary>Bytes that count as one request more.</summary>
    private const int BytesShift = 12;

    // A2 of the request.
    private const ulong ToRead = 1, ToWrite = 2;

    private const int TableShift = 32, HandleShift = 8;
    private const ulong StateMask = 7, KeyMask = ~0xFFul;
    /// <summary>Uses are counted.</summary>
    private const ulong Counted = 1;
    /// <summary>It is there.</summary>
    private const ulong Mapped = 2;
    /// <summary>vfs has no memory for it.</summary>
    private const ulong Refused = 3;
    /// <summary>It is there, and closed: who is in it leaves it.</summary>
    private const ulong Closing = 4;
    /// <summary>Somebody unmaps it.</summary>
    private const ulong Going = 5;

    /// <summary>The handle of a place that a thread is in.</summary>
    public static uint HandleOf(StreamPlace* place) => (uint)Volatile.Read(ref place->Word) >> HandleShift;

    /// <summary>Enters the stream of a handle; null: it is not mapped. <see cref="Leave"/> follows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StreamPlace* Enter(TaskState* task, uint handle)
    {
        StreamPlace* places = (StreamPlace*)Volatile.Read(ref *(ulong*)&task->Process->Space->Streams);
        ulong mapped = KeyOf(task, handle) | Mapped;
        for (uint i = 0; places != null && i < Probes; i++)
        {
            StreamPlace* place = places + (handle + i) % Places;
            if (Volatile.Read(ref place->Word) != mapped)
                continue;
            Interlocked.Increment(ref place->Users);
            if (Volatile.Read(ref place->Word) == mapped)
                return place;
            Leave(task, place);
        }
        return null;
    }

    /// <summary>
    /// The stream of a handle for whoever holds the lock of its descriptor table, and has found a number of it open there: nobody closes the last one
    /// meanwhile, so it stays mapped. Null: it is not.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static StreamPlace* FindHeld(StreamPlace* places, ulong table, uint handle)
    {
        ulong mapped = table << TableShift | (ulong)handle << HandleShift | Mapped;
        for (uint i = 0; places != null && i < Probes; i++)
        {
            StreamPlace* place = places + (handle + i) % Places;
            if (Volatile.Read(ref place->Word) == mapped)
                return place;
        }
        return null;
    }

    /// <summary>Counts a request that moves so many bytes; what is used a lot is mapped, and entered then.</summary>
    public static StreamPlace* Count(TaskState* task, uint handle, ulong length)
    {
        StreamPlace* place = PlaceOf(task, handle);
        if (place == null)
            place = Claim(task, handle);
        if (place == null || (place->Word & StateMask) != Counted)
            return null;
        place->Uses += 1 + (uint)(length >> BytesShift);
        return place->Uses > Worthwhile && Obtain(task, handle) ? Enter(task, handle) : null;
    }

    /// <summary>Counts a request that only looks. False: it will not be mapped, for nothing of its kind is free.</summary>
    public static bool CountLook(TaskState* task, uint handle)
    {
        StreamPlace* place = PlaceOf(task, handle);
        if (place == null)
            place = Claim(task, handle);
        if (place == null || (place->Word & StateMask) == Refused)
            return false;
        return (place->Word & StateMask) != Counted || ++place->Uses <= Worthwhile || Obtain(task, handle);
    }

    /// <summary>Leaves it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Leave(TaskState* task, StreamPlace* place)
    {
        if (Interlocked.Decrement(ref place->Users) == 0 && (Volatile.Read(ref place->Word) & StateMask) == Closing)
            End(task, place);
    }

    /// <summary>True if it is not mapped, and nobody has refused it.</summary>
    public static bool IsWanting(TaskState* task, uint handle)
    {
        StreamPlace* place = PlaceOf(task, handle);
        return place == null || (Volatile.Read(ref place->Word) & StateMask) == Counted;
    }

    /// <summary>Maps the stream of a handle; true: it is there.</summary>
    public static bool Obtain(TaskState* task, uint handle)
    {
        SpaceState* space = task->Process->Space;
        PersonalityLock.Enter(&space->SourceLock);
        StreamPlace* place = PlaceOf(task, handle);
        if (place == null)
            place = Claim(task, handle);
        ulong key = KeyOf(task, handle);
        if (place != null && place->Word == (key | Counted))
            Volatile.Write(ref place->Word, key | Map(task, handle, place));
        bool isThere = place != null && place->Word == (key | Mapped);
        PersonalityLock.Exit(&space->SourceLock);
        return isThere;
    }

    /// <summary>Forgets that it was refused: it has another peer now.</summary>
    public static void Reconsider(TaskState* task, uint handle)
    {
        StreamPlace* place = PlaceOf(task, handle);
        ulong key = KeyOf(task, handle);
        if (place != null)
            Interlocked.CompareExchange(ref place->Word, key | Counted, key | Refused);
    }

    /// <summary>close(2) of a handle's last descriptor.</summary>
    public static long Close(TaskState* task, uint handle)
    {
        SpaceState* space = task->Process->Space;
        PersonalityLock.Enter(&space->SourceLock);
        StreamPlace* place = PlaceOf(task, handle);
        bool isMapped = place != null && (place->Word & StateMask) == Mapped;
        if (isMapped)
            Interlocked.Exchange(ref place->Word, KeyOf(task, handle) | Closing);
        else if (place != null)
            Volatile.Write(ref place->Word, 0);
        PersonalityLock.Exit(&space->SourceLock);
        if (!isMapped)
            return VfsClient.Call(task, VfsOperation.Close, handle);
        return Volatile.Read(ref place->Users) == 0 ? End(task, place) : 0;
    }

    /// <summary>A descriptor table goes, and its address may be another one's. None of its processes' threads is left.</summary>
    public static void Forget(SpaceState* space, DescriptorTable* table)
    {
        ulong key = (ulong)table - Window.Heap;
        for (uint i = NextTaken(space, 0); i < Places; i = (i + 1) % GroupLength == 0 ? NextTaken(space, i + 1) : i + 1)
        {
            StreamPlace* place = space->Streams + i;
            if (place->Word >> TableShift != key)
                continue;
            if ((place->Word & StateMask) >= Mapped && (place->Word & StateMask) != Refused)
                Unmap(place);
            place->Users = 0;
            Volatile.Write(ref place->Word, 0);
        }
    }

    /// <summary>In a forked child: its parent's mappings were left out.</summary>
    public static void AfterFork(SpaceState* space)
    {
        for (uint i = NextTaken(space, 0); i < Places; i = NextTaken(space, i + 1))
        {
            if ((space->Streams[i].Word | space->Streams[i].Users) == 0) // else a page would be copied for nothing
                continue;
            space->Streams[i].Word = 0;
            space->Streams[i].Users = 0;
        }
        space->StreamGroups = 0;
    }

    // The next place from this on that may have been taken.
    private static uint NextTaken(SpaceState* space, uint place)
    {
        uint groups = Volatile.Read(ref space->StreamGroups);
        while (place < Places && (groups >> (int)(place / GroupLength) & 1) == 0)
            place = (place / GroupLength + 1) * GroupLength;
        return place;
    }

    private static ulong KeyOf(TaskState* task, uint handle) =>
        (ulong)task->Process->Descriptors - Window.Heap << TableShift | (ulong)handle << HandleShift;

    private static StreamPlace* PlaceOf(TaskState* task, uint handle)
    {
        StreamPlace* places = (StreamPlace*)Volatile.Read(ref *(ulong*)&task->Process->Space->Streams);
        ulong key = KeyOf(task, handle);
        for (uint i = 0; places != null && i < Probes; i++)
        {
            StreamPlace* place = places + (handle + i) % Places;
            ulong word = Volatile.Read(ref place->Word);
            if (word != 0 && (word & KeyMask) == key)
                return place;
        }
        return null;
    }

    // A place for a handle that has none, or null: there is none, or no memory.
    private static StreamPlace* Claim(TaskState* task, uint handle)
    {
        SpaceState* space = task->Process->Space;
        if (space->Streams == null)
        {
            ulong made = (ulong)PersonalityHeap.Allocate(Places * (ulong)sizeof(StreamPlace));
            if (made == 0)
                return null;
            if (Interlocked.CompareExchange(ref *(ulong*)&space->Streams, made, 0) != 0)
                PersonalityHeap.Free((void*)made);
        }
        task->Process->Descriptors->HasPlaces = 1;
        ulong key = KeyOf(task, handle);
        for (uint i = 0; i < Probes; i++)
        {
            uint index = (handle + i) % Places;
            StreamPlace* place = space->Streams + index;
            NoteGroup(space, index / GroupLength);
            ulong found = Interlocked.CompareExchange(ref place->Word, key | Counted, 0);
            if (found == 0)
                place->Uses = 0;
            if (found == 0 || (found & KeyMask) == key) // another thread may have been faster
                return place;
        }
        return null;
    }

    // Before a place of it is taken.
    private static void NoteGroup(SpaceState* space, uint group)
    {
        uint groups = Volatile.Read(ref space->StreamGroups);
        while ((groups >> (int)group & 1) == 0)
        {
            uint found = Interlocked.CompareExchange(ref space->StreamGroups, groups | 1u << (int)group, groups);
            if (found == groups)
                return;
            groups = found;
        }
    }

    // The state of what was mapped.
    private static ulong Map(TaskState* task, uint handle, StreamPlace* place)
    {
        uint index = (uint)(place - task->Process->Space->Streams);
        ulong address = Window.StreamOf(index);
        VfsRequest request;
        long result = MapOne(task, handle, address, ToRead, &request);
        place->Memory = place->WriteMemory = address;
        place->Number = place->WriteNumber = (uint)request.V0;
        place->Flags = place->WriteFlags = FlagsAt(&request);
        place->Access = (uint)request.V2 & (Reads | Writes | OfSocket | OfMessages | HasOtherEnd);
        if (result == 0 && (place->Access & OfSocket) != 0)
        {
            place->WriteMemory = Window.StreamOf(index + Places);
            result = MapOne(task, handle, place->WriteMemory, ToWrite, &request);
            place->WriteNumber = (uint)request.V0;
            place->WriteFlags = FlagsAt(&request);
            place->Access |= Writes;
            if (result < 0)
                KernelCalls.Unmap(address, StreamLayout.Length);
        }
        place->Uses = 0;
        place->Quiet = 0;
        // A socket without a peer may get one, and messages that cannot lie in memory may be received.
        return result == 0 ? Mapped : result == -Errno.ENOTCONN || result == -Errno.EAGAIN ? Counted : Refused;
    }

    private static long MapOne(TaskState* task, uint handle, ulong address, ulong which, VfsRequest* request)
    {
        VfsRequest.Begin(request, VfsOperation.MapStream, handle, address, which);
        if (KernelCalls.Map(address, StreamLayout.Length, MapFlags.ForkOmit, 0, 0) < 0)
            return -Errno.ENOMEM;
        // Three regions, for vfs gives each rights of its own, and replaces what is offered region by region. Neighbours that are alike would be one.
        long result = KernelCalls.Protect(address + StreamLayout.ReaderSide, StreamLayout.PageLength, MapFlags.Read);
        if (result == 0)
            result = KernelCalls.Offer(address, StreamLayout.Length, true);
        if (result == 0)
            result = VfsClient.Call(task, request);
        if (result < 0)
            KernelCalls.Unmap(address, StreamLayout.Length);
        return result;
    }

    private static uint FlagsAt(VfsRequest* request) => StreamLayout.Flags + (uint)(request->V1 % StreamLayout.Descriptions) * sizeof(uint);

    private static void Unmap(StreamPlace* place)
    {
        KernelCalls.Unmap(place->Memory, StreamLayout.Length);
        if (place->WriteMemory != place->Memory)
            KernelCalls.Unmap(place->WriteMemory, StreamLayout.Length);
    }

    // What a close has left: whoever comes first of it and those who leave.
    private static long End(TaskState* task, StreamPlace* place)
    {
        ulong word = Volatile.Read(ref place->Word);
        if ((word & StateMask) != Closing || Interlocked.CompareExchange(ref place->Word, word & KeyMask | Going, word) != word)
            return 0;
        Unmap(place);
        Volatile.Write(ref place->Word, 0);
        return VfsClient.Call(task, VfsOperation.Close, (uint)word >> HandleShift);
    }
}
