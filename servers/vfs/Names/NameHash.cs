using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Servers.Vfs.Names;

/// <summary>
/// A keyed hash of names: a client that does not know the keys cannot prepare names that collide. NH of UMAC (RFC 4418, section 5.2): products of halves of
/// words, to each of which a key of its place is added, and their sum. Of two names of a length that are chosen without the keys the sums are equal with a
/// probability of 2^-32, whatever bits they differ in. Two multiplications by odd keys, with a shift between them, bring each difference to all bits that a
/// table looks at.
/// </summary>
public sealed class NameHash
{
    private const int Half = 32;

    // Random per start; one for each word of the longest name, and again from the first one for what is longer.
    private readonly ulong[] keys = [.. Enumerable.Range(0, (PathWalk.LongestName + sizeof(ulong)) / sizeof(ulong)).Select(static _ => RandomKey())];
    private readonly ulong ofLength = RandomKey() | 1, ofSum = RandomKey() | 1, ofAll = RandomKey() | 1;

    /// <summary>The hash of a name.</summary>
    public uint Of(ReadOnlySpan<byte> name)
    {
        ulong[] of = keys;
        ulong sum = (ulong)name.Length * ofLength;
        int place = 0;
        while (name.Length > sizeof(ulong))
        {
            sum += Product(BinaryPrimitives.ReadUInt64LittleEndian(name), of[place++ & (of.Length - 1)]);
            name = name[sizeof(ulong)..];
        }

        // Both ends of what is left: they overlap where it is no power of two, and the length is in the sum.
        ulong word = 0;
        if (name.Length == sizeof(ulong))
            word = BinaryPrimitives.ReadUInt64LittleEndian(name);
        else if (name.Length >= sizeof(uint))
            word = BinaryPrimitives.ReadUInt32LittleEndian(name) | (ulong)BinaryPrimitives.ReadUInt32LittleEndian(name[^sizeof(uint)..]) << Half;
        else if (name.Length > 0)
            word = (uint)(name[0] | name[name.Length >> 1] << 8 | name[^1] << 16);
        sum = (sum + Product(word, of[place & (of.Length - 1)])) * ofSum;
        return (uint)((sum ^ sum >> Half) * ofAll >> Half);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Product(ulong word, ulong key) => (ulong)(uint)((uint)word + (uint)key) * (uint)((word >> Half) + (key >> Half));

    private static ulong RandomKey() => (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
}
