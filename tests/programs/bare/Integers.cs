using System;

namespace Bare;

/// <summary>Integers of structures that are passed to system calls: four bytes, the lowest first.</summary>
internal static class Integers
{
    public static void Put(Span<byte> to, int value)
    {
        for (int index = 0; index < 4; index++)
            to[index] = (byte)(value >> (8 * index));
    }

    public static int Get(ReadOnlySpan<byte> from) => from[0] | from[1] << 8 | from[2] << 16 | from[3] << 24;
}
