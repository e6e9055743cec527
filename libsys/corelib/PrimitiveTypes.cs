namespace System;

// The compiler knows what these are; what stands here is only what code may call on them.

public struct Void { }
public abstract class ValueType { }
public abstract class Enum : ValueType { }

public struct Boolean : IEquatable<bool>
{
    public bool Equals(bool other) => this == other;
}

public struct Char : IEquatable<char>
{
    public const char MaxValue = (char)0xffff;
    public const char MinValue = (char)0;
    public bool Equals(char other) => this == other;
}

public struct SByte : IEquatable<sbyte>
{
    public const sbyte MaxValue = 0x7f;
    public const sbyte MinValue = -0x80;
    public bool Equals(sbyte other) => this == other;
}

public struct Byte : IEquatable<byte>
{
    public const byte MaxValue = 0xff;
    public const byte MinValue = 0;
    public bool Equals(byte other) => this == other;
}

public struct Int16 : IEquatable<short>
{
    public const short MaxValue = 0x7fff;
    public const short MinValue = -0x8000;
    public bool Equals(short other) => this == other;
}

public struct UInt16 : IEquatable<ushort>
{
    public const ushort MaxValue = 0xffff;
    public const ushort MinValue = 0;
    public bool Equals(ushort other) => this == other;
}

public struct Int32 : IEquatable<int>
{
    public const int MaxValue = 0x7fffffff;
    public const int MinValue = unchecked((int)0x80000000);
    public bool Equals(int other) => this == other;
}

public struct UInt32 : IEquatable<uint>
{
    public const uint MaxValue = 0xffffffff;
    public const uint MinValue = 0;
    public bool Equals(uint other) => this == other;
}

public struct Int64 : IEquatable<long>
{
    public const long MaxValue = 0x7fffffffffffffff;
    public const long MinValue = unchecked((long)0x8000000000000000);
    public bool Equals(long other) => this == other;
}

public struct UInt64 : IEquatable<ulong>
{
    public const ulong MaxValue = 0xffffffffffffffff;
    public const ulong MinValue = 0;
    public bool Equals(ulong other) => this == other;
}

public struct IntPtr : IEquatable<nint>
{
    public static nint Zero => 0;
    public static unsafe int Size => sizeof(nint);
    public static nint MaxValue => unchecked((nint)0x7fffffffffffffff);
    public static nint MinValue => unchecked((nint)0x8000000000000000);
    public bool Equals(nint other) => this == other;
}

public struct UIntPtr : IEquatable<nuint>
{
    public static nuint Zero => 0;
    public static unsafe int Size => sizeof(nuint);
    public static nuint MaxValue => unchecked((nuint)0xffffffffffffffff);
    public static nuint MinValue => 0;
    public bool Equals(nuint other) => this == other;
}

// Named by ilc. Code without a runtime does no floating-point arithmetic: it would need vector registers.
public struct Single { }
public struct Double { }
