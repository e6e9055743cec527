namespace Libsys.Personality;

/// <summary>The personality's ChaCha20 for tests.</summary>
public static unsafe class KeyStream
{
    /// <summary>One block of 16 words.</summary>
    public static uint[] Block(uint[] key, uint counter, uint nonce0, uint nonce1, uint nonce2)
    {
        var output = new uint[ChaCha20.BlockLength / sizeof(uint)];
        fixed (uint* from = key, to = output)
            ChaCha20.Block(from, counter, nonce0, nonce1, nonce2, to);
        return output;
    }
}
