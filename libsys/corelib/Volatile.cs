using System.Runtime.CompilerServices;

namespace System.Threading;

/// <summary>Reads with acquire and writes with release order: plain moves on x86-64 that the compiler neither drops nor reorders.</summary>
public static class Volatile
{
    private struct OfBool
    {
        public volatile bool Value;
    }

    public static bool Read(ref readonly bool location) => Unsafe.As<bool, OfBool>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref bool location, bool value) => Unsafe.As<bool, OfBool>(ref location).Value = value;

    private struct OfByte
    {
        public volatile byte Value;
    }

    public static byte Read(ref readonly byte location) => Unsafe.As<byte, OfByte>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref byte location, byte value) => Unsafe.As<byte, OfByte>(ref location).Value = value;

    private struct OfSbyte
    {
        public volatile sbyte Value;
    }

    public static sbyte Read(ref readonly sbyte location) => Unsafe.As<sbyte, OfSbyte>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref sbyte location, sbyte value) => Unsafe.As<sbyte, OfSbyte>(ref location).Value = value;

    private struct OfShort
    {
        public volatile short Value;
    }

    public static short Read(ref readonly short location) => Unsafe.As<short, OfShort>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref short location, short value) => Unsafe.As<short, OfShort>(ref location).Value = value;

    private struct OfUshort
    {
        public volatile ushort Value;
    }

    public static ushort Read(ref readonly ushort location) => Unsafe.As<ushort, OfUshort>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref ushort location, ushort value) => Unsafe.As<ushort, OfUshort>(ref location).Value = value;

    private struct OfInt
    {
        public volatile int Value;
    }

    public static int Read(ref readonly int location) => Unsafe.As<int, OfInt>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref int location, int value) => Unsafe.As<int, OfInt>(ref location).Value = value;

    private struct OfUint
    {
        public volatile uint Value;
    }

    public static uint Read(ref readonly uint location) => Unsafe.As<uint, OfUint>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref uint location, uint value) => Unsafe.As<uint, OfUint>(ref location).Value = value;

    private struct OfNint
    {
        public volatile nint Value;
    }

    public static nint Read(ref readonly nint location) => Unsafe.As<nint, OfNint>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref nint location, nint value) => Unsafe.As<nint, OfNint>(ref location).Value = value;

    private struct OfNuint
    {
        public volatile nuint Value;
    }

    public static nuint Read(ref readonly nuint location) => Unsafe.As<nuint, OfNuint>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref nuint location, nuint value) => Unsafe.As<nuint, OfNuint>(ref location).Value = value;

    // The language has no volatile long field, but this one has the same size.
    public static long Read(ref readonly long location) => (long)Unsafe.As<long, OfNint>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref long location, long value) => Unsafe.As<long, OfNint>(ref location).Value = (nint)value;

    // The language has no volatile ulong field, but this one has the same size.
    public static ulong Read(ref readonly ulong location) => (ulong)Unsafe.As<ulong, OfNuint>(ref Unsafe.AsRef(in location)).Value;
    public static void Write(ref ulong location, ulong value) => Unsafe.As<ulong, OfNuint>(ref location).Value = (nuint)value;
}
