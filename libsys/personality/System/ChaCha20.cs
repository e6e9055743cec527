namespace Libsys.Personality;

/// <summary>The block function of ChaCha20, RFC 8439 §2.3, in integer registers: vector registers are the program's.</summary>
internal static unsafe class ChaCha20
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockLength = 64;

    private const int DoubleRounds = 10;

    /// <summary>Writes one block: 16 words from eight of key and four of counter and nonce.</summary>
    public static void Block(uint* key, uint counter, uint nonce0, uint nonce1, uint nonce2, uint* output)
    {
        // "expand 32-byte k"
        uint s0 = 0x61707865, s1 = 0x3320646e, s2 = 0x79622d32, s3 = 0x6b206574;
        uint s4 = key[0], s5 = key[1], s6 = key[2], s7 = key[3], s8 = key[4], s9 = key[5], s10 = key[6], s11 = key[7];
        uint s12 = counter, s13 = nonce0, s14 = nonce1, s15 = nonce2;
        for (int round = 0; round < DoubleRounds; round++)
        {
            Quarter(ref s0, ref s4, ref s8, ref s12);
            Quarter(ref s1, ref s5, ref s9, ref s13);
            Quarter(ref s2, ref s6, ref s10, ref s14);
            Quarter(ref s3, ref s7, ref s11, ref s15);
            Quarter(ref s0, ref s5, ref s10, ref s15);
            Quarter(ref s1, ref s6, ref s11, ref s12);
            Quarter(ref s2, ref s7, ref s8, ref s13);
            Quarter(ref s3, ref s4, ref s9, ref s14);
        }
        output[0] = s0 + 0x61707865;
        output[1] = s1 + 0x3320646e;
        output[2] = s2 + 0x79622d32;
        output[3] = s3 + 0x6b206574;
        output[4] = s4 + key[0];
        output[5] = s5 + key[1];
        output[6] = s6 + key[2];
        output[7] = s7 + key[3];
        output[8] = s8 + key[4];
        output[9] = s9 + key[5];
        output[10] = s10 + key[6];
        output[11] = s11 + key[7];
        output[12] = s12 + counter;
        output[13] = s13 + nonce0;
        output[14] = s14 + nonce1;
        output[15] = s15 + nonce2;
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private static void Quarter(ref uint a, ref uint b, ref uint c, ref uint d)
    {
        a += b;
        d = Rotate(d ^ a, 16);
        c += d;
        b = Rotate(b ^ c, 12);
        a += b;
        d = Rotate(d ^ a, 8);
        c += d;
        b = Rotate(b ^ c, 7);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private static uint Rotate(uint value, int count) => value << count | value >> (32 - count);
}
