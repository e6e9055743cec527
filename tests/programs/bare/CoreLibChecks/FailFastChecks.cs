using System;
using System.Runtime.CompilerServices;

namespace CoreLibChecks;

/// <summary>Each way in which checked code ends the image. The exit status carries Internal.Runtime.FailFastCode.</summary>
internal static class FailFastChecks
{
    // An array that nobody keeps is not made.
    private static object? kept;

    public static void Run(int way)
    {
        switch (way)
        {
            case 1:
                int[] array = new int[3];
                array[Opaque(3)] = 1;
                break;
            case 2:
                Span<byte> span = stackalloc byte[4];
                span.Slice(Opaque(2), 3).Clear();
                break;
            case 3:
                Opaque(checked((int)((long)int.MaxValue + Opaque(1))));
                break;
            case 4:
                Opaque(checked(int.MaxValue + Opaque(1)));
                break;
            case 5:
                kept = (First)Made(second: true);
                break;
            case 6:
                throw new InvalidOperationException();
            case 7:
                // More than the program's whole heap.
                kept = new int[Opaque(1 << 20)];
                break;
        }
    }

    private sealed class First { }
    private sealed class Second { }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static object Made(bool second) => second ? new Second() : new First();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Opaque(int value) => value;
}
