using System;

namespace Microkernel;

/// <summary>
/// The kernel's log: lines on QEMU's debug console (port 0xE9), and nowhere if the machine has none. One event a line, with the time since boot.
/// </summary>
internal static unsafe class Log
{
    private const ushort Port = 0xe9;
    private static bool isThere;

    /// <summary>Reading the port gives its own number where the device exists (QEMU, isa-debugcon).</summary>
    public static void Initialize() => isThere = Machine.PortIn8(Port) == Port;

    /// <summary>Bytes as they are.</summary>
    public static void Write(byte* bytes, ulong length)
    {
        if (isThere)
            Machine.PortWriteBytes(Port, bytes, length);
    }

    /// <summary>Text as it is.</summary>
    public static void Write(ReadOnlySpan<byte> text)
    {
        if (!isThere)
            return;
        for (int i = 0; i < text.Length; i++)
            Machine.PortOut8(Port, text[i]);
    }

    /// <summary>A number in decimal digits, at least <paramref name="digits"/> of them.</summary>
    public static void Decimal(ulong value, int digits = 1)
    {
        byte* text = stackalloc byte[20];
        int at = 20;
        do
        {
            text[--at] = (byte)('0' + value % 10);
            value /= 10;
            digits--;
        }
        while (value != 0 || digits > 0);
        Write(text + at, (ulong)(20 - at));
    }

    /// <summary>A number in hexadecimal digits.</summary>
    public static void Hexadecimal(ulong value)
    {
        Write("0x"u8);
        int shift = 60;
        while (shift > 0 && value >> shift == 0)
            shift -= 4;
        for (; shift >= 0; shift -= 4)
        {
            uint digit = (uint)(value >> shift) & 15;
            Machine.PortOut8(Port, (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }

    private static void Start(ReadOnlySpan<byte> text)
    {
        ulong microseconds = Clock.Nanoseconds / 1000;
        Write("["u8);
        Decimal(microseconds / 1_000_000);
        Write("."u8);
        Decimal(microseconds % 1_000_000, 6);
        Write("] kernel: "u8);
        Write(text);
    }

    private static void Pair(ReadOnlySpan<byte> name, ulong value)
    {
        Write(" "u8);
        Write(name);
        Write("="u8);
        if (value < 100_000)
            Decimal(value);
        else
            Hexadecimal(value);
    }

    /// <summary>One line.</summary>
    public static void Line(ReadOnlySpan<byte> text)
    {
        if (!isThere)
            return;
        Start(text);
        Write("\n"u8);
    }

    /// <summary>One line with a number.</summary>
    public static void Line(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, ulong value)
    {
        if (!isThere)
            return;
        Start(text);
        Pair(name, value);
        Write("\n"u8);
    }

    /// <summary>One line with three numbers.</summary>
    public static void Line(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name1, ulong value1, ReadOnlySpan<byte> name2, ulong value2, ReadOnlySpan<byte> name3, ulong value3)
    {
        if (!isThere)
            return;
        Start(text);
        Pair(name1, value1);
        Pair(name2, value2);
        Pair(name3, value3);
        Write("\n"u8);
    }
}
