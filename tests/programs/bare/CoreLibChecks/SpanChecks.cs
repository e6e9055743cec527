using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static CoreLibChecks.Program;

namespace CoreLibChecks;

internal static class SpanChecks
{
    private struct Pair
    {
        public uint A, B;
    }

    [InlineArray(4)]
    private struct FourWords
    {
        private ulong first;
    }

    private static ReadOnlySpan<int> Primes => [2, 3, 5, 7, 11];

    public static void Run()
    {
        Span<byte> buffer = stackalloc byte[16];
        buffer.Clear();
        "hello"u8.CopyTo(buffer.Slice(2));
        Check(buffer[2] == 'h' && buffer[6] == 'o' && buffer[7] == 0, "CopyTo copies to the slice"u8);
        buffer.Slice(0, 8).CopyTo(buffer.Slice(3));
        Check(buffer[5] == 'h' && buffer[9] == 'o', "CopyTo forward over itself"u8);
        buffer.Slice(3, 12).CopyTo(buffer);
        Check(buffer[2] == 'h' && buffer[6] == 'o', "CopyTo backward over itself"u8);
        Check(!"too long for it"u8.TryCopyTo(buffer.Slice(8)), "TryCopyTo refuses what does not fit"u8);
        buffer.Fill(7);
        int sum = 0;
        foreach (byte b in buffer)
            sum += b;
        Check(sum == 7 * 16, "foreach over a span"u8);
        Check(buffer[^1] == 7 && buffer[4..8].Length == 4, "index from the end and ranges"u8);
        Check("abc"u8.SequenceEqual("abc"u8) && !"abc"u8.SequenceEqual("abd"u8), "SequenceEqual"u8);
        Check("abc"u8.IndexOf((byte)'c') == 2 && "abc"u8.IndexOf((byte)'x') == -1, "IndexOf"u8);
        Check(Primes[4] == 11 && Primes.Length == 5, "constant spans"u8);

        Span<Pair> pairs = stackalloc Pair[2];
        pairs[1] = new Pair { A = 1, B = 2 };
        Check(MemoryMarshal.AsBytes(pairs).Length == 16 && MemoryMarshal.AsBytes(pairs)[12] == 2, "AsBytes"u8);
        Check(MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(pairs)[8..]) == 0x2_0000_0001, "Read"u8);
        Check(MemoryMarshal.Cast<Pair, ulong>(pairs)[1] == 0x2_0000_0001, "Cast"u8);

        FourWords words = default;
        words[3] = 9;
        Span<ulong> view = words;
        view[0] = 4;
        Check(words[0] + words[3] == 13 && view.Length == 4, "inline arrays"u8);
    }
}
