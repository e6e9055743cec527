using System.Runtime.InteropServices;

namespace Libsys.Rings;

/// <summary>
/// Layout of a connection: one sealed memory object, mapped read-write by both sides. Both sides agree on these constants; nothing about sizes is
/// ever read from the shared memory. Page 0: indices, each on a cache line of its own. Page 1: submission slots. Page 2: completion slots.
/// Page 3: the client's published descriptor table. Then the pool.
/// </summary>
public static class RingLayout
{
    /// <summary>Slots in each ring. 64 slots of 64 bytes fill one page, and no client has more requests in flight than threads that may wait.</summary>
    public const uint Slots = 64;
    /// <summary>Bytes of a slot: one cache line.</summary>
    public const int SlotLength = 64;

    /// <summary>Free-running u32, written by the client after it filled slot (tail mod Slots).</summary>
    public const int SubmissionTail = 0x040;
    /// <summary>Free-running u32, written by the server after it read a slot.</summary>
    public const int SubmissionHead = 0x080;
    /// <summary>Free-running u32, written by the server.</summary>
    public const int CompletionTail = 0x0C0;
    /// <summary>Free-running u32, written by the client.</summary>
    public const int CompletionHead = 0x100;
    /// <summary>u32: 1 while the server wants a doorbell for this connection. Initially 1. The client that changes it to 0 by exchange rings.</summary>
    public const int ServerWantsBell = 0x140;
    /// <summary>u32: 1 while the client sleeps for completions. The server that changes it to 0 by exchange rings.</summary>
    public const int ClientWantsBell = 0x180;
    /// <summary>u64: generation of the server behind the connection, written by the server when it attaches.</summary>
    public const int Generation = 0x1C0;

    /// <summary>Submission slots.</summary>
    public const int Submissions = 0x1000;
    /// <summary>Completion slots.</summary>
    public const int Completions = 0x2000;
    /// <summary>1,024 × u32: vfs handle + 1 of each open descriptor, 0 = closed; published by the client for /proc/PID/fd. Nobody relies on it.</summary>
    public const int DescriptorTable = 0x3000;
    /// <summary>Descriptors published there.</summary>
    public const int DescriptorTableEntries = 1024;
    /// <summary>Start of the pool.</summary>
    public const int Pool = 0x4000;
}

/// <summary>One request, exactly 64 bytes. The server copies it once to private memory, then checks it.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct Submission
{
    /// <summary>Chosen by the client, returned in the completion. Opaque to the server.</summary>
    public ulong Tag;
    /// <summary>Operation of the protocol that the connection speaks.</summary>
    public ushort Operation;
    /// <summary>Flags of the operation.</summary>
    public ushort Flags;
    /// <summary>Which of the space's processes asks: a slot that the process server registered for this space.</summary>
    public uint ProcessSlot;
    /// <summary>Offset of the payload in the pool.</summary>
    public uint PoolOffset;
    /// <summary>Length of the payload buffer in the pool, bytes. The buffer is the server's until the completion.</summary>
    public uint PoolLength;
    /// <summary>Arguments.</summary>
    public ulong A0, A1, A2, A3, A4;
}

/// <summary>One answer, exactly 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct Completion
{
    /// <summary>The request's tag.</summary>
    public ulong Tag;
    /// <summary>Value ≥ 0 or −errno.</summary>
    public long Result;
    /// <summary>Further results.</summary>
    public ulong V0, V1, V2, V3, V4, V5;
}
