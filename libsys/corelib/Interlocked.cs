using System.Runtime.CompilerServices;

namespace System.Threading;

/// <summary>Atomic operations; each is a full barrier.</summary>
public static class Interlocked
{
    // The code generator expands these; a call to itself marks the places where it must.
    [Intrinsic] public static int CompareExchange(ref int location, int value, int comparand) => CompareExchange(ref location, value, comparand);
    [Intrinsic] public static long CompareExchange(ref long location, long value, long comparand) => CompareExchange(ref location, value, comparand);
    [Intrinsic] public static int Exchange(ref int location, int value) => Exchange(ref location, value);
    [Intrinsic] public static long Exchange(ref long location, long value) => Exchange(ref location, value);
    [Intrinsic] private static int ExchangeAdd(ref int location, int value) => ExchangeAdd(ref location, value);
    [Intrinsic] private static long ExchangeAdd(ref long location, long value) => ExchangeAdd(ref location, value);
    [Intrinsic] public static void MemoryBarrier() => MemoryBarrier();

    public static uint CompareExchange(ref uint location, uint value, uint comparand) =>
        (uint)CompareExchange(ref Unsafe.As<uint, int>(ref location), (int)value, (int)comparand);

    public static ulong CompareExchange(ref ulong location, ulong value, ulong comparand) =>
        (ulong)CompareExchange(ref Unsafe.As<ulong, long>(ref location), (long)value, (long)comparand);

    public static nint CompareExchange(ref nint location, nint value, nint comparand) =>
        (nint)CompareExchange(ref Unsafe.As<nint, long>(ref location), value, comparand);

    public static uint Exchange(ref uint location, uint value) => (uint)Exchange(ref Unsafe.As<uint, int>(ref location), (int)value);
    public static ulong Exchange(ref ulong location, ulong value) => (ulong)Exchange(ref Unsafe.As<ulong, long>(ref location), (long)value);
    public static nint Exchange(ref nint location, nint value) => (nint)Exchange(ref Unsafe.As<nint, long>(ref location), value);

    /// <summary>Adds and returns the new value.</summary>
    public static int Add(ref int location, int value) => ExchangeAdd(ref location, value) + value;
    public static int Increment(ref int location) => Add(ref location, 1);
    public static int Decrement(ref int location) => Add(ref location, -1);

    /// <summary>Adds and returns the new value.</summary>
    public static uint Add(ref uint location, uint value) => (uint)ExchangeAdd(ref Unsafe.As<uint, int>(ref location), (int)value) + value;
    public static uint Increment(ref uint location) => Add(ref location, 1);
    public static uint Decrement(ref uint location) => Add(ref location, unchecked((uint)-1));

    /// <summary>Adds and returns the new value.</summary>
    public static long Add(ref long location, long value) => ExchangeAdd(ref location, value) + value;
    public static long Increment(ref long location) => Add(ref location, 1);
    public static long Decrement(ref long location) => Add(ref location, -1);

    /// <summary>Adds and returns the new value.</summary>
    public static ulong Add(ref ulong location, ulong value) => (ulong)ExchangeAdd(ref Unsafe.As<ulong, long>(ref location), (long)value) + value;
    public static ulong Increment(ref ulong location) => Add(ref location, 1);
    public static ulong Decrement(ref ulong location) => Add(ref location, unchecked((ulong)-1));

    /// <summary>Clears the bits that are not in <paramref name="value"/> and returns the old value.</summary>
    public static int And(ref int location, int value)
    {
        int current = location;
        for (;;)
        {
            int found = CompareExchange(ref location, current & value, current);
            if (found == current)
                return found;
            current = found;
        }
    }

    /// <summary>Clears the bits that are not in <paramref name="value"/> and returns the old value.</summary>
    public static uint And(ref uint location, uint value)
    {
        uint current = location;
        for (;;)
        {
            uint found = CompareExchange(ref location, current & value, current);
            if (found == current)
                return found;
            current = found;
        }
    }

    /// <summary>Clears the bits that are not in <paramref name="value"/> and returns the old value.</summary>
    public static long And(ref long location, long value)
    {
        long current = location;
        for (;;)
        {
            long found = CompareExchange(ref location, current & value, current);
            if (found == current)
                return found;
            current = found;
        }
    }

    /// <summary>Clears the bits that are not in <paramref name="value"/> and returns the old value.</summary>
    public static ulong And(ref ulong location, ulong value)
    {
        ulong current = location;
        for (;;)
        {
            ulong found = CompareExchange(ref location, current & value, current);
            if (found == current)
                return found;
            current = found;
        }
    }

    /// <summary>Sets the bits of <paramref name="value"/> and returns the old value.</summary>
    public static int Or(ref int location, int value)
    {
        int current = location;
        for (;;)
        {
            int found = CompareExchange(ref location, current | value, current);
            if (found == current)
                return found;
            current = found;
        }
    }

    /// <summary>Sets the bits of <paramref name="value"/> and returns the old value.</summary>
    public static uint Or(ref uint location, uint value)
    {
        uint current = location;
        for (;;)
        {
            uint found = CompareExchange(ref location, current | value, current);
            if (found == current)
                return found;
            current = found;
        }
    }

    /// <summary>Sets the bits of <paramref name="value"/> and returns the old value.</summary>
    public static long Or(ref long location, long value)
    {
        long current = location;
        for (;;)
        {
            long found = CompareExchange(ref location, current | value, current);
            if (found == current)
                return found;
            current = found;
        }
    }

    /// <summary>Sets the bits of <paramref name="value"/> and returns the old value.</summary>
    public static ulong Or(ref ulong location, ulong value)
    {
        ulong current = location;
        for (;;)
        {
            ulong found = CompareExchange(ref location, current | value, current);
            if (found == current)
                return found;
            current = found;
        }
    }
}
