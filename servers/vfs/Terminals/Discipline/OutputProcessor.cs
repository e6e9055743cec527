namespace Servers.Vfs.Terminals;

/// <summary>Output side of a terminal, termios(3) OPOST: what a written byte becomes on the line. Keeps the column, which tabs and erasing need.</summary>
public sealed class OutputProcessor(Termios settings)
{
    /// <summary>Most bytes that one becomes: a tab.</summary>
    public const int LongestExpansion = 8;

    /// <summary>Column of the cursor, 0 at the left.</summary>
    public int Column { get; private set; }

    /// <summary>True if bytes go out as they are.</summary>
    public bool IsRaw => (settings.Output & OutputFlags.Process) == 0;

    /// <summary>
    /// Length of the run at the start of <paramref name="data"/> that goes out as it is, one column a byte; the column has moved on behind it.
    /// </summary>
    public int PassPlainRun(ReadOnlySpan<byte> data)
    {
        if ((settings.Output & (OutputFlags.Process | OutputFlags.UpperCase)) != OutputFlags.Process)
            return 0;
        int length = data.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
        length = length < 0 ? data.Length : length;
        Column += length;
        return length;
    }

    /// <summary>Writes what <paramref name="value"/> becomes; returns the number of bytes.</summary>
    public int Process(byte value, Span<byte> to)
    {
        OutputFlags flags = settings.Output;
        to[0] = value;
        if ((flags & OutputFlags.Process) == 0)
            return 1;
        switch (value)
        {
            case (byte)'\n' when (flags & OutputFlags.NewlineToCarriageReturn) != 0:
                Column = 0;
                to[0] = (byte)'\r';
                to[1] = (byte)'\n';
                return 2;
            case (byte)'\n':
                Column = (flags & OutputFlags.NewlineReturns) != 0 ? 0 : Column;
                return 1;
            case (byte)'\r' when (flags & OutputFlags.NoCarriageReturnAtStart) != 0 && Column == 0:
                return 0;
            case (byte)'\r' when (flags & OutputFlags.CarriageReturnToNewline) != 0:
                Column = (flags & OutputFlags.NewlineReturns) != 0 ? 0 : Column;
                to[0] = (byte)'\n';
                return 1;
            case (byte)'\r':
                Column = 0;
                return 1;
            case (byte)'\t':
                int blanks = 8 - (Column & 7);
                Column += blanks;
                if ((flags & OutputFlags.ExpandTabs) != OutputFlags.ExpandTabs)
                    return 1;
                to[..blanks].Fill((byte)' ');
                return blanks;
            case 8:
                Column = Math.Max(Column - 1, 0);
                return 1;
            case >= (byte)'a' and <= (byte)'z' when (flags & OutputFlags.UpperCase) != 0:
                Column++;
                to[0] = (byte)(value & ~0x20);
                return 1;
            default:
                // Control characters and continuation bytes of UTF-8 do not move the cursor.
                if (value >= 0x20 && value != 0x7F && (value & 0xC0) != 0x80)
                    Column++;
                return 1;
        }
    }
}
