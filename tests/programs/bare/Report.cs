using System;

namespace Bare;

/// <summary>What a program found, a line each: a name, then numbers or bytes.</summary>
internal static class Report
{
    private const int LongestLine = 1024;

    public static void Number(ReadOnlySpan<byte> name, long value)
    {
        Span<byte> line = stackalloc byte[LongestLine];
        End(line, Decimal(line, Text(line, 0, name), value));
    }

    /// <summary>Bytes as hexadecimal numbers; a negative length is −errno.</summary>
    public static void Bytes(ReadOnlySpan<byte> name, ReadOnlySpan<byte> bytes, int length)
    {
        Span<byte> line = stackalloc byte[LongestLine];
        int at = Text(line, 0, name);
        if (length < 0)
            at = Decimal(line, at, length);
        for (int index = 0; index < length; index++)
        {
            line[at++] = (byte)' ';
            line[at++] = Digit(bytes[index] >> 4);
            line[at++] = Digit(bytes[index] & 15);
        }

        End(line, at);
    }

    // One write a line: several processes report.
    private static void End(Span<byte> line, int length)
    {
        line[length] = (byte)'\n';
        Linux.Write(1, line[..(length + 1)]);
    }

    private static int Text(Span<byte> line, int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(line[at..]);
        return at + text.Length;
    }

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);

    private static int Decimal(Span<byte> line, int to, long value)
    {
        Span<byte> text = stackalloc byte[20];
        int at = text.Length;
        long rest = value < 0 ? -value : value;
        do
        {
            text[--at] = (byte)('0' + rest % 10);
            rest /= 10;
        }
        while (rest > 0);
        if (value < 0)
            text[--at] = (byte)'-';
        text[--at] = (byte)' ';
        return Text(line, to, text[at..]);
    }
}
