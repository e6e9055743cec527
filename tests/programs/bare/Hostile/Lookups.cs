using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime;

namespace Hostile;

/// <summary>The longest lookup that path_resolution(7) allows: 40 symbolic links, each with as many steps as a path has room for.</summary>
internal static class Lookups
{
    private const int Links = 40, PathLimit = 4095;
    private const long MakeDirectory = 83, SymbolicLink = 88;

    /// <summary>Makes the links lAA, lAB, ... in the working directory, each to the next; the first one's name.</summary>
    public static ReadOnlySpan<byte> Prepare()
    {
        ReadOnlySpan<byte> directory = "d\0"u8;
        CallFirst(MakeDirectory, ref MemoryMarshal.GetReference(directory), 0x1FF, 0, 0, 0, 0);
        Span<byte> text = stackalloc byte[PathLimit + 1];
        Span<byte> name = stackalloc byte[4];
        for (int link = 0; link < Links; link++)
        {
            // d/../d/../ ... and then the next link; the last one stays in d.
            int at = 0;
            while (at + 10 < PathLimit)
            {
                "d/../"u8.CopyTo(text[at..]);
                at += 5;
            }

            Name(text[at..], link + 1);
            if (link == Links - 1)
                "d\0"u8.CopyTo(text[at..]);
            Name(name, link);
            CallTwo(SymbolicLink, ref text[0], ref name[0], 0, 0, 0, 0);
        }

        return "lAA"u8;
    }

    private static void Name(Span<byte> to, int number)
    {
        to[0] = (byte)'l';
        to[1] = (byte)('A' + number / 26);
        to[2] = (byte)('A' + number % 26);
        to[3] = 0;
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallFirst(long number, ref byte a0, long a1, long a2, long a3, long a4, long a5);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "linux_call")]
    private static extern long CallTwo(long number, ref byte a0, ref byte a1, long a2, long a3, long a4, long a5);
}
