using System.Buffers.Binary;

namespace Servers.Vfs.Names;

/// <summary>
/// A keyed hash of names: a client that does not know the key cannot prepare names that collide. A multiplication by an odd key moves each difference to the
/// upper bits, a shift brings it down again; twice, so that it does not matter where in a word two names differ. Two multiplications for names of up to eight
/// bytes, one more for each further eight.
/// </summary>
public sealed class NameHash
{
    // Random per start.
    private readonly ulong start = RandomKey(), first = RandomKey(), second = RandomKey();

    /// <summary>The hash of a name.</summary>
    public uint Of(ReadOnlySpan<byte> name)
    {
        ulong hash = start + (ulong)name.Length;
        while (name.Length > sizeof(ulong))
        {
            hash = Mix(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(name), first);
            name = name[sizeof(ulong)..];
        }

        // Both ends of what is left: they overlap where it is no power of two, and the length is in the hash.
        ulong word = 0;
        if (name.Length == sizeof(ulong))
            word = BinaryPrimitives.ReadUInt64LittleEndian(name);
        else if (name.Length >= sizeof(uint))
            word = BinaryPrimitives.ReadUInt32LittleEndian(name) | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(name[^sizeof(uint)..]) << 32;
        else if (name.Length > 0)
            word = (uint)(name[0] | name[name.Length >> 1] << 8 | name[^1] << 16);
        return (uint)(Mix(hash ^ word, first) * second >> 32);
    }

    private static ulong Mix(ulong value, ulong key)
    {
        value *= key;
        return value ^ value >> 32;
    }

    private static ulong RandomKey() => (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue) | 1;
}
