using System.Runtime.InteropServices;

namespace Libsys.Rings;

/// <summary>
/// What all connections have in common: the indices at the start of the rings' object, each on a cache line of its own. The rest is the protocol's:
/// <see cref="ConnectionShape"/>.
/// </summary>
public static class RingLayout
{
    /// <summary>Bytes of a slot: one cache line.</summary>
    public const int SlotLength = 64;

    /// <summary>Free-running u32, written by the client after it filled slot (tail mod slots).</summary>
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
    /// <summary>In the place of the generation: the server has ended, whoever made the connection says.</summary>
    public const ulong DeadGeneration = ulong.MaxValue;
    /// <summary>Behind the indices: the protocol's own area, then the slots.</summary>
    public const int Area = 0x200;

    /// <summary>Pools that a connection can have: what the number in a request can name.</summary>
    public const int Pools = 256;
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
    public byte Flags;
    /// <summary>Number of the pool that the payload is in.</summary>
    public byte Pool;
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
