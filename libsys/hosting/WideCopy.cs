using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Libsys.Hosting;

/// <summary>
/// Copies of pages and more. The C library's memcpy moves eight bytes an instruction (rep movsq), since servers are built for any x86-64; this moves thirty-two
/// where the processor can, which is asked when it runs.
/// </summary>
public static unsafe class WideCopy
{
    // Eight registers at a time: the loop around them is a fifth of it then.
    private const int Width = 32, Step = 8 * Width;

    /// <summary>Copies all of it to the beginning of memory that does not overlap it.</summary>
    /// <exception cref="ArgumentException">The target is shorter.</exception>
    public static void CopyWideTo(this ReadOnlySpan<byte> source, Span<byte> target)
    {
        int whole = source.Length & -Step;
        if (whole == 0 || source.Length > target.Length || !Avx.IsSupported)
        {
            source.CopyTo(target);
            return;
        }

        fixed (byte* from = source, to = target)
        {
            for (int at = 0; at < whole; at += Step)
            {
                byte* next = from + at, place = to + at;
                Vector256<byte> first = Avx.LoadVector256(next), second = Avx.LoadVector256(next + Width);
                Vector256<byte> third = Avx.LoadVector256(next + 2 * Width), fourth = Avx.LoadVector256(next + 3 * Width);
                Vector256<byte> fifth = Avx.LoadVector256(next + 4 * Width), sixth = Avx.LoadVector256(next + 5 * Width);
                Vector256<byte> seventh = Avx.LoadVector256(next + 6 * Width), eighth = Avx.LoadVector256(next + 7 * Width);
                Avx.Store(place, first);
                Avx.Store(place + Width, second);
                Avx.Store(place + 2 * Width, third);
                Avx.Store(place + 3 * Width, fourth);
                Avx.Store(place + 4 * Width, fifth);
                Avx.Store(place + 5 * Width, sixth);
                Avx.Store(place + 6 * Width, seventh);
                Avx.Store(place + 7 * Width, eighth);
            }
        }

        if (whole < source.Length)
            source[whole..].CopyTo(target[whole..]);
    }
}
