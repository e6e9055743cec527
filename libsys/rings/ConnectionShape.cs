namespace Libsys.Rings;

/// <summary>
/// How large a connection is: a constant of the protocol that it speaks, known to both sides. Nothing of it is ever read from the shared memory. The rings'
/// object holds, one after the other: the indices, an area that the protocol gives a meaning, the submission slots, the completion slots, and from the next
/// page on the first pool. Further pools are objects of their own.
/// </summary>
public readonly struct ConnectionShape
{
    private const uint PageLength = 4096;

    /// <summary>Slots of each ring: a power of two.</summary>
    public readonly uint Slots;

    /// <summary>Bytes of the protocol's own area behind the indices: a multiple of a cache line.</summary>
    public readonly uint AreaLength;

    /// <summary>Bytes of pool 0, which lies in the rings' object: whole pages, or 0.</summary>
    public readonly uint PoolLength;

    /// <summary>A shape.</summary>
    /// <param name="slots">A power of two, at least 2.</param>
    /// <param name="poolLength">Whole pages, or 0: all payload is in pools of their own, or there is none.</param>
    /// <param name="areaLength">A multiple of <see cref="RingLayout.SlotLength"/>.</param>
    public ConnectionShape(uint slots, uint poolLength, uint areaLength = 0)
    {
        Slots = slots;
        PoolLength = poolLength;
        AreaLength = areaLength;
    }

    /// <summary>True if the numbers are what they have to be: for tests of protocols.</summary>
    public bool IsValid => Slots >= 2 && (Slots & (Slots - 1)) == 0 && AreaLength % RingLayout.SlotLength == 0 && PoolLength % PageLength == 0;

    /// <summary>Offset of the submission slots.</summary>
    public uint Submissions => RingLayout.Area + AreaLength;

    /// <summary>Offset of the completion slots.</summary>
    public uint Completions => Submissions + Slots * RingLayout.SlotLength;

    /// <summary>Offset of pool 0.</summary>
    public uint Pool => (Completions + Slots * RingLayout.SlotLength + PageLength - 1) / PageLength * PageLength;

    /// <summary>Bytes of the rings' object.</summary>
    public uint Length => Pool + PoolLength;
}
