using System;
using Libsys.Abi;

namespace Microkernel;

/// <summary>
/// The kernel's log: lines on QEMU's debug console (port 0xE9; nowhere if the machine has none), and the last of them in memory for who may read
/// them. One event a line, with the time since boot.
/// </summary>
internal static unsafe class Log
{
    private const ushort Port = 0xe9;
    private const int Capacity = LogBuffer.Capacity;

    private static bool isThere;

    /// <summary>Bytes written since boot. A byte's position is how many came before it.</summary>
    public static ulong End { get; private set; }

    /// <summary>Position of the oldest byte in memory.</summary>
    public static ulong Oldest => End < Capacity ? 0 : End - Capacity;

    private static byte* Bytes => (byte*)KernelImage.Table->LogRing;

    /// <summary>Reading the port gives its own number where the device exists (QEMU, isa-debugcon).</summary>
    public static void Initialize() => isThere = Machine.PortIn8(Port) == Port;

    /// <summary>Bytes as they are.</summary>
    public static void Write(byte* bytes, ulong length)
    {
        if (isThere)
            Machine.PortWriteBytes(Port, bytes, length);
        for (ulong i = 0; i < length; i++)
            Bytes[End++ % Capacity] = bytes[i];
    }

    /// <summary>Copies bytes from a position that is in memory; returns how many.</summary>
    public static ulong Read(ulong position, byte* to, ulong length)
    {
        ulong count = End - position < length ? End - position : length;
        for (ulong i = 0; i < count; i++)
            to[i] = Bytes[(position + i) % Capacity];
        return count;
    }

    /// <summary>Text as it is.</summary>
    public static void Write(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            byte value = text[i];
            Write(&value, 1);
        }
    }

    /// <summary>A number in decimal digits, at least <paramref name="digits"/> of them.</summary>
    public static void Decimal(ulong value, int digits = 1) => Digits(value, 10, digits);

    /// <summary>A number in hexadecimal digits.</summary>
    public static void Hexadecimal(ulong value)
    {
        Write("0x"u8);
        Digits(value, 16, 1);
    }

    private static void Digits(ulong value, uint radix, int least)
    {
        byte* text = stackalloc byte[20];
        int at = 20;
        do
        {
            uint digit = (uint)(value % radix);
            text[--at] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
            value /= radix;
            least--;
        }
        while (value != 0 || least > 0);
        Write(text + at, (ulong)(20 - at));
    }

    private static void Pair(ReadOnlySpan<byte> name, ulong value)
    {
        if (name.Length == 0)
            return;
        Write(" "u8);
        Write(name);
        Write("="u8);
        if (value < 100_000)
            Decimal(value);
        else
            Hexadecimal(value);
    }

    /// <summary>One line, with up to three numbers.</summary>
    public static void Line(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name1 = default, ulong value1 = 0, ReadOnlySpan<byte> name2 = default,
        ulong value2 = 0, ReadOnlySpan<byte> name3 = default, ulong value3 = 0)
    {
        ulong microseconds = Clock.Nanoseconds / 1000;
        ulong seconds = microseconds / 1_000_000;
        Write("["u8);
        for (ulong digits = 10_000; digits > seconds && digits > 1; digits /= 10)
            Write(" "u8);
        Decimal(seconds);
        Write("."u8);
        Decimal(microseconds % 1_000_000, 6);
        Write("] kernel: "u8);
        Write(text);
        Pair(name1, value1);
        Pair(name2, value2);
        Pair(name3, value3);
        Write("\n"u8);
    }
}
