using System.Runtime.InteropServices;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Personality;

/// <summary>State words of a request in flight.</summary>
internal static class VfsPendingState
{
    /// <summary>The entry is free.</summary>
    public const uint Free = 0;
    /// <summary>Submitted; its thread is awake and will look again.</summary>
    public const uint Waiting = 1;
    /// <summary>Submitted; its thread sleeps on the word.</summary>
    public const uint Asleep = 2;
    /// <summary>Its thread has been made the reader of completions and must take that on.</summary>
    public const uint Promoted = 3;
    /// <summary>Results are there.</summary>
    public const uint Done = 4;
    /// <summary>Its thread is gone; only the answer to a cancellation is still awaited.</summary>
    public const uint Abandoned = 5;
    /// <summary>Its thread waits for a request to another server, which ends when this one is done. It takes no part in who reads.</summary>
    public const uint Unattended = 6;
}

/// <summary>States of the large pool.</summary>
internal static class LargePoolState
{
    /// <summary>Not there: who needs it attaches it.</summary>
    public const uint None = 0;
    /// <summary>One thread is attaching it.</summary>
    public const uint Attaching = 1;
    /// <summary>There.</summary>
    public const uint Attached = 2;
    /// <summary>One thread is giving it back; who needs it waits for the end of that.</summary>
    public const uint Detaching = 3;
}

/// <summary>Who reads completions: docs/ring-protocol.md, "A reader that sleeps".</summary>
internal static class ReaderRole
{
    /// <summary>Nobody.</summary>
    public const uint None = 0;
    /// <summary>A thread, or one that was promoted to it.</summary>
    public const uint Taken = 1;
    /// <summary>A thread that sleeps on the notification and may be stood in for: <see cref="VfsConnection.Sleeper"/> is its entry.</summary>
    public const uint Asleep = 2;
    /// <summary>Another one in its place, while it sleeps.</summary>
    public const uint StoodIn = 3;
    /// <summary>It has been woken because it is needed, by who stood in for it, and reads from then on.</summary>
    public const uint Returned = 4;
}

/// <summary>States of a connection.</summary>
internal static class ConnectionState
{
    /// <summary>Requests go over it.</summary>
    public const uint Usable = 0;
    /// <summary>The server has ended or broke the protocol, or it was not made yet: requests that are in flight are over.</summary>
    public const uint Broken = 1;
    /// <summary>A thread is making it; only of others than vfs.</summary>
    public const uint Connecting = 2;
}

/// <summary>One request in flight.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct VfsPending
{
    /// <summary>A <see cref="VfsPendingState"/>; the word that the request's thread sleeps on.</summary>
    public uint State;
    /// <summary>1 while a cancellation of it is in flight.</summary>
    public uint Cancelling;
    /// <summary>Distinguishes this use of the entry from earlier ones; part of the tag.</summary>
    public uint Sequence;
    /// <summary>1 once another thread asked for its cancellation, to get the entry: the request is made again then.</summary>
    public uint Evicted;
    /// <summary>1 if the request may wait for an event, so that a cancellation ends it.</summary>
    public uint MayWait;
    /// <summary>Process slot that it was made by.</summary>
    public uint ProcessSlot;
    /// <summary>Result.</summary>
    public long Result;
    /// <summary>Further results.</summary>
    public ulong V0, V1, V2;
    /// <summary>Connection of the request that is cancelled when this one is done, because one thread waits for whichever comes first; null: none.</summary>
    public VfsConnection* Companion;
    /// <summary>That request's tag.</summary>
    public ulong CompanionTag;
}

/// <summary>
/// The client's side of a connection to a server of programs: one a space and server, in the heap, shared by all threads and processes of the space. Nothing
/// here lies in
/// memory that vfs can write, except what <see cref="Ring"/> points to. A forked child makes it anew (<see cref="Reset"/>).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct VfsConnection
{
    /// <summary>
    /// Requests that may be in flight. Half of the ring: each may be followed by its cancellation, and both together must fit the slots.
    /// </summary>
    public const int PendingCount = (int)VfsLimits.Slots / 2;

    /// <summary>A bit for each of them.</summary>
    public const ulong AllPending = (1UL << PendingCount) - 1;

    private const int PendingWords = 9;

    /// <summary>Guards the ring's indices and the list of free entries. Held for a few dozen instructions, never while waiting.</summary>
    public PersonalityLock Lock;

    /// <summary>Guards <see cref="SmallPool"/> and <see cref="LargePool"/>.</summary>
    public PersonalityLock PoolLock;

    /// <summary>Guards <see cref="PostedTail"/> and what <see cref="KnownNames"/> points to. Held for a few instructions, never while waiting.</summary>
    public PersonalityLock PostedLock;

    /// <summary>Calls posted so far; of the connection to vfs.</summary>
    public uint PostedTail;

    /// <summary>Threads that still have to look what has become of an entry: nothing is posted, so that it stays where it is.</summary>
    public uint PostedDoubts;

    /// <summary>What is known of names that may be changed without waiting; null: nothing ever was.</summary>
    public KnownNames* KnownNames;

    /// <summary>
    /// A <see cref="ReaderRole"/>: whether a thread is the reader of completions. The reader reads those of all connections: only the word of the first one is
    /// used.
    /// </summary>
    public uint Reader;

    /// <summary>Number of the server; 0: vfs.</summary>
    public uint Number;

    /// <summary>Handle of its doorbell.</summary>
    public uint Doorbell;

    /// <summary>The space's connection to vfs, where the list of all begins.</summary>
    public VfsConnection* First;

    /// <summary>The space's next connection. Connections stay until the space ends.</summary>
    public VfsConnection* Next;

    /// <summary>A <see cref="ConnectionState"/>.</summary>
    public uint Broken;

    /// <summary>1 once it was made: then the doorbell's handle is there, and is a predecessor's when it is made again. Only of others than vfs.</summary>
    public uint HasDoorbell;

    /// <summary>Increased whenever an entry or pool block comes back while somebody waits for one; they sleep on it.</summary>
    public uint Returned;

    /// <summary>Threads that sleep on <see cref="Returned"/>.</summary>
    public uint ReturnWaiters;

    /// <summary>Bit i: entry i is free.</summary>
    public ulong FreePending;

    /// <summary>Entry that is looked at first when one must be evicted; moves on, so that it meets all in turn.</summary>
    public uint NextEvicted;

    /// <summary>Entry of the reader that sleeps; set before <see cref="Reader"/> says so.</summary>
    public VfsPending* Sleeper;

    /// <summary>The rings.</summary>
    public RingClient Ring;

    /// <summary>Which blocks of pool 0 are lent.</summary>
    public PoolBlocks SmallPool;

    /// <summary>Those that hold what was posted.</summary>
    public PostedBlocks PostedBlocks;

    /// <summary>Which blocks of <see cref="VfsLimits.LargePool"/> are lent; without units while it is not attached.</summary>
    public PoolBlocks LargePool;

    /// <summary>A <see cref="LargePoolState"/>: how far the attaching of the large pool is.</summary>
    public uint LargeState;

    /// <summary>When a thread that waits is to look whether the large pool can be given back, nanoseconds since boot.</summary>
    public ulong LargeLookAt;

    private fixed ulong pending[PendingCount * PendingWords];

    /// <summary>Entry <paramref name="index"/>.</summary>
    public static VfsPending* PendingAt(VfsConnection* connection, int index) => (VfsPending*)(connection->pending + index * PendingWords);

    /// <summary>Address of a pool in the own space.</summary>
    public static byte* PoolBase(uint server, byte pool) =>
        (byte*)(Window.VfsConnection + server * Window.ConnectionStride + (pool == 0 ? VfsLimits.Shape.Pool : pool * Window.PoolStride));

    /// <summary>Makes the state of the connection to vfs. Null if there is no memory.</summary>
    public static VfsConnection* Create() => Create(0, null);

    /// <summary>Makes the state of a fresh connection; <paramref name="first"/> is that to vfs. Null if there is no memory.</summary>
    public static VfsConnection* Create(uint number, VfsConnection* first)
    {
        VfsConnection* connection = (VfsConnection*)PersonalityHeap.Allocate((ulong)sizeof(VfsConnection));
        if (connection == null)
            return null;
        connection->Number = number;
        connection->First = first == null ? connection : first;
        Start(connection);
        return connection;
    }

    /// <summary>
    /// Starts over, alone in its space: no request is in flight, the small pool is free and the only one, the indices are zero. For a forked child, which has a
    /// connection of its own at the same address: what its parent's threads had in flight is theirs.
    /// </summary>
    public static void Reset(VfsConnection* connection)
    {
        Start(connection);
        for (int i = 0; i < PendingCount; i++)
        {
            VfsPending* entry = PendingAt(connection, i);
            entry->State = VfsPendingState.Free;
            entry->Cancelling = 0;
            entry->Evicted = 0;
            entry->Companion = null;
        }
    }

    // All but the entries of requests, which are free as they come from the heap.
    private static void Start(VfsConnection* connection)
    {
        PersonalityLock.Reset(&connection->Lock);
        PersonalityLock.Reset(&connection->PoolLock);
        PersonalityLock.Reset(&connection->PostedLock);
        connection->PostedTail = 0;
        connection->PostedDoubts = 0;
        if (connection->KnownNames != null)
            Personality.KnownNames.Clear(connection->KnownNames);
        connection->Reader = ReaderRole.None;
        connection->Sleeper = null;
        connection->Broken = ConnectionState.Usable;
        connection->HasDoorbell = 0;
        connection->Returned = 0;
        connection->ReturnWaiters = 0;
        connection->FreePending = AllPending;
        connection->Next = null;
        connection->Doorbell = WellKnownHandle.DoorbellOf(connection->Number);
        connection->Ring = new RingClient((byte*)Window.ConnectionOf(connection->Number), VfsLimits.Shape);
        connection->SmallPool.Reset(VfsLimits.PoolLength);
        PostedBlocks.Reset(connection);
        connection->LargePool.Reset(0);
        connection->LargeState = LargePoolState.None;
    }

    /// <summary>Goes on with fresh rings at the same address, while nothing is in flight and no block is lent.</summary>
    public static void Renew(VfsConnection* connection)
    {
        PersonalityLock.Enter(&connection->PoolLock);
        connection->SmallPool.Reset(VfsLimits.PoolLength);
        PersonalityLock.Exit(&connection->PoolLock);
        PersonalityLock.Enter(&connection->Lock);
        connection->Ring = new RingClient((byte*)Window.ConnectionOf(connection->Number), VfsLimits.Shape);
        PersonalityLock.Exit(&connection->Lock);
    }
}
