using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;

namespace Servers.Vfs.Devices;

/// <summary>
/// Random bytes: ChaCha20 (RFC 8439) whose key is replaced after each request by its own output, so that past bytes cannot be recomputed.
/// Seeded from the jitter of the time stamp counter; what programs write is mixed in. Without a hardware source the seed is the weak point.
/// </summary>
public sealed class RandomSource
{
    private const int BlockLength = 64;
    private const int KeyWords = 8;
    private readonly uint[] state = new uint[16];
    private readonly uint[] working = new uint[16];
    private readonly byte[] block = new byte[BlockLength];

    /// <summary>A source seeded now.</summary>
    public RandomSource()
    {
        // "expand 32-byte k", RFC 8439 §2.3.
        (state[0], state[1], state[2], state[3]) = (0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);
        const int samples = 2048;
        Span<byte> sample = stackalloc byte[sizeof(long)];
        for (int index = 0; index < samples; index++)
        {
            // Each sample runs the cipher, whose cache and pipeline timing is what jitters.
            BinaryPrimitives.WriteInt64LittleEndian(sample, Stopwatch.GetTimestamp());
            Mix(sample);
        }
    }

    /// <summary>Fills a buffer.</summary>
    public void Fill(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            Block();
            int length = Math.Min(buffer.Length, BlockLength);
            block.AsSpan(0, length).CopyTo(buffer);
            buffer = buffer[length..];
        }

        ReplaceKey();
    }

    /// <summary>Mixes bytes into the key; they can only add to what is unknown.</summary>
    public void Mix(ReadOnlySpan<byte> data)
    {
        int word = 0;
        int shift = 0;
        foreach (byte value in data)
        {
            state[4 + word] ^= (uint)value << shift;
            shift = (shift + 8) % 32;
            word = shift == 0 ? (word + 1) % KeyWords : word;
            if (word == 0 && shift == 0)
                ReplaceKey();
        }

        ReplaceKey();
    }

    private void ReplaceKey()
    {
        Block();
        for (int index = 0; index < KeyWords; index++)
            state[4 + index] = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(index * sizeof(uint)));
        Array.Clear(block);
    }

    private void Block()
    {
        state.CopyTo(working, 0);
        const int doubleRounds = 10;
        for (int round = 0; round < doubleRounds; round++)
        {
            Quarter(0, 4, 8, 12);
            Quarter(1, 5, 9, 13);
            Quarter(2, 6, 10, 14);
            Quarter(3, 7, 11, 15);
            Quarter(0, 5, 10, 15);
            Quarter(1, 6, 11, 12);
            Quarter(2, 7, 8, 13);
            Quarter(3, 4, 9, 14);
        }

        for (int index = 0; index < working.Length; index++)
            BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(index * sizeof(uint)), working[index] + state[index]);
        if (++state[12] == 0)
            state[13]++;
    }

    private void Quarter(int a, int b, int c, int d)
    {
        uint[] w = working;
        w[a] += w[b];
        w[d] = BitOperations.RotateLeft(w[d] ^ w[a], 16);
        w[c] += w[d];
        w[b] = BitOperations.RotateLeft(w[b] ^ w[c], 12);
        w[a] += w[b];
        w[d] = BitOperations.RotateLeft(w[d] ^ w[a], 8);
        w[c] += w[d];
        w[b] = BitOperations.RotateLeft(w[b] ^ w[c], 7);
    }
}
