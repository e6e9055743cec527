using System.Numerics;

namespace Servers.Vfs.Ext4;

/// <summary>How a directory's index hashes names: dx_root_info.hash_version.</summary>
internal enum HashVersion : byte
{
    Legacy = 0,
    HalfMd4 = 1,
    Tea = 2,

    /// <summary>Added to one of those above: bytes of names count as unsigned numbers.</summary>
    Unsigned = 3,
    Last = Tea + Unsigned,
}

/// <summary>Hashes of names in directories with an index. The even number is what the index sorts by; its lowest bit means something else there.</summary>
internal readonly record struct DirectoryHash(uint Major, uint Minor)
{
    private const uint End = 0xFFFFFFFE;

    // Started with where the superblock has no seed: the words that MD4 starts with, RFC 1320.
    private static readonly uint[] DefaultSeed = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476];

    /// <summary>Hash of a name.</summary>
    public static DirectoryHash Of(ReadOnlySpan<byte> name, HashVersion version, ReadOnlySpan<uint> seed)
    {
        bool isUnsigned = version >= HashVersion.Unsigned;
        Span<uint> state = stackalloc uint[4];
        (seed.ContainsAnyExcept(0u) ? seed : DefaultSeed).CopyTo(state);
        uint major, minor = 0;
        switch (isUnsigned ? version - HashVersion.Unsigned : (int)version)
        {
            case (int)HashVersion.HalfMd4:
                Span<uint> eight = stackalloc uint[8];
                for (ReadOnlySpan<byte> rest = name; ; rest = rest[32..])
                {
                    if (rest.IsEmpty)
                        break;
                    Pack(rest, eight, isUnsigned);
                    HalfMd4(state, eight);
                    if (rest.Length <= 32)
                        break;
                }

                (major, minor) = (state[1], state[2]);
                break;
            case (int)HashVersion.Tea:
                Span<uint> four = stackalloc uint[4];
                for (ReadOnlySpan<byte> rest = name; ; rest = rest[16..])
                {
                    if (rest.IsEmpty)
                        break;
                    Pack(rest, four, isUnsigned);
                    Tea(state, four);
                    if (rest.Length <= 16)
                        break;
                }

                (major, minor) = (state[0], state[1]);
                break;
            default:
                major = Legacy(name, isUnsigned);
                break;
        }

        major &= ~1u;
        // The last number stands for the end of a directory.
        return new DirectoryHash(major == End ? End - 2 : major, minor);
    }

    private static uint Legacy(ReadOnlySpan<byte> name, bool isUnsigned)
    {
        const uint multiplier = 7152373, sign = 0x80000000;
        uint last = 0x12A3FE2D, before = 0x37ABE8F9;
        foreach (byte letter in name)
        {
            uint next = unchecked(before + (last ^ Letter(letter, isUnsigned) * multiplier));
            if ((next & sign) != 0)
                next -= 0x7FFFFFFF;
            (before, last) = (last, next);
        }

        return last << 1;
    }

    private static uint Letter(byte letter, bool isUnsigned) => isUnsigned ? letter : unchecked((uint)(sbyte)letter);

    // Four letters a word, the last ones filled up with the name's length in each byte.
    private static void Pack(ReadOnlySpan<byte> name, Span<uint> words, bool isUnsigned)
    {
        uint filler = (uint)name.Length | (uint)name.Length << 8;
        filler |= filler << 16;
        words.Fill(filler);
        int length = Math.Min(name.Length, words.Length * sizeof(uint));
        for (int at = 0; at < length; at++)
        {
            uint before = at % sizeof(uint) == 0 ? filler : words[at / sizeof(uint)];
            words[at / sizeof(uint)] = unchecked(Letter(name[at], isUnsigned) + (before << 8));
        }
    }

    // Tiny Encryption Algorithm, 16 cycles (Wheeler and Needham).
    private static void Tea(Span<uint> state, ReadOnlySpan<uint> key)
    {
        const uint delta = 0x9E3779B9;
        uint left = state[0], right = state[1], sum = 0;
        for (int cycle = 0; cycle < 16; cycle++)
        {
            unchecked
            {
                sum += delta;
                left += (right << 4) + key[0] ^ right + sum ^ (right >> 5) + key[1];
                right += (left << 4) + key[2] ^ left + sum ^ (left >> 5) + key[3];
            }
        }

        unchecked
        {
            state[0] += left;
            state[1] += right;
        }
    }

    // MD4 (RFC 1320) with eight words in place of sixteen, so eight steps a round.
    private static void HalfMd4(Span<uint> state, ReadOnlySpan<uint> words)
    {
        ReadOnlySpan<byte> order = [0, 1, 2, 3, 4, 5, 6, 7, 1, 3, 5, 7, 0, 2, 4, 6, 3, 7, 2, 6, 1, 5, 0, 4];
        ReadOnlySpan<byte> turns = [3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15];
        ReadOnlySpan<uint> constants = [0, 0x5A827999, 0x6ED9EBA1];
        uint a = state[0], b = state[1], c = state[2], d = state[3];
        for (int step = 0; step < order.Length; step++)
        {
            int round = step / 8;
            uint mixed = round switch
            {
                0 => d ^ b & (c ^ d),
                1 => unchecked((b & c) + ((b ^ c) & d)),
                _ => b ^ c ^ d,
            };
            uint next = BitOperations.RotateLeft(unchecked(a + mixed + words[order[step]] + constants[round]), turns[round * 4 + step % 4]);
            (a, b, c, d) = (d, next, b, c);
        }

        unchecked
        {
            state[0] += a;
            state[1] += b;
            state[2] += c;
            state[3] += d;
        }
    }
}
