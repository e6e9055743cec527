using System;
using Bare;

namespace CallCosts;

/// <summary>Lines of results.</summary>
internal static class Report
{
    private const int NumberWidth = 10, LongestLine = 100;

    /// <summary>A number in a column of its own, and what it counts.</summary>
    public static void Line(ReadOnlySpan<byte> name, long value)
    {
        Span<byte> line = stackalloc byte[LongestLine];
        line[..NumberWidth].Fill((byte)' ');
        int at = NumberWidth;
        do
        {
            line[--at] = (byte)('0' + value % 10);
            value /= 10;
        }
        while (value > 0 && at > 0);
        line[NumberWidth] = (byte)' ';
        name.CopyTo(line[(NumberWidth + 1)..]);
        line[NumberWidth + 1 + name.Length] = (byte)'\n';
        Linux.Write(1, line[..(NumberWidth + 2 + name.Length)]);
    }
}
