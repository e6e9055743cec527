using System;

namespace PersonalityTests;

/// <summary>Lines on standard output; where there is none (a server without a file system) in the kernel's log.</summary>
internal static unsafe class Report
{
    // Libsys.Abi: LogWrite with the machine handle of the first space; message area of the thread's block.
    private static int failures;
    private static int passed;
    private static int listLength;
    private static ulong list;

    /// <summary>Failed checks so far.</summary>
    public static int Failures => failures;

    /// <summary>Counts a check and prints it if it failed.</summary>
    public static bool Check(bool condition, ReadOnlySpan<byte> what, ulong value = 0)
    {
        if (condition)
        {
            passed++;
            return true;
        }
        failures++;
        byte* line = stackalloc byte[256];
        int length = Append(line, 0, "FAIL "u8);
        length = Append(line, length, what);
        length = Append(line, length, " value "u8);
        length = AppendHex(line, length, value);
        Write(line, length);
        return false;
    }

    /// <summary>Checks that a call gave what it should.</summary>
    public static bool Equal(long expected, long actual, ReadOnlySpan<byte> what) => Check(expected == actual, what, (ulong)actual);

    /// <summary>One line of text.</summary>
    public static void Line(ReadOnlySpan<byte> text)
    {
        byte* line = stackalloc byte[256];
        Write(line, Append(line, 0, text));
    }

    /// <summary>A line with a number.</summary>
    public static void Number(ReadOnlySpan<byte> text, ulong value)
    {
        byte* line = stackalloc byte[256];
        Write(line, AppendHex(line, Append(line, 0, text), value));
    }

    /// <summary>Begins a line of results: "call 4 argument 1:".</summary>
    public static void BeginList(ReadOnlySpan<byte> text, uint first, uint second)
    {
        listLength = Append(List, 0, text);
        AddNumber(first);
        listLength = Append(List, listLength, " argument "u8);
        AddNumber(second);
        List[listLength++] = (byte)':';
    }

    /// <summary>Adds a result.</summary>
    public static void AddToList(long value)
    {
        List[listLength++] = (byte)' ';
        if (value < 0)
            List[listLength++] = (byte)'-';
        AddNumber((ulong)(value < 0 ? -value : value));
    }

    /// <summary>Writes the line.</summary>
    public static void EndList() => Write(List, listLength);

    private static void AddNumber(ulong value)
    {
        ulong power = 1;
        while (value / power >= 10)
            power *= 10;
        for (; power != 0; power /= 10)
            List[listLength++] = (byte)('0' + value / power % 10);
    }

    private static byte* List
    {
        get
        {
            if (list == 0)
                list = Linux.Map(4096);
            return (byte*)list;
        }
    }

    /// <summary>The last line.</summary>
    public static void Summary()
    {
        Number("passed checks "u8, (ulong)passed);
        Number("failed checks "u8, (ulong)failures);
    }

    private static int Append(byte* line, int length, ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length && length < 200; i++)
            line[length++] = text[i];
        return length;
    }

    private static int AppendHex(byte* line, int length, ulong value)
    {
        for (int shift = 60; shift >= 0; shift -= 4)
        {
            uint digit = (uint)(value >> shift) & 15;
            line[length++] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
        }
        return length;
    }

    private static void Write(byte* line, int length)
    {
        line[length++] = (byte)'\n';
        if (Linux.Call(1, 1, (ulong)line, (ulong)length) == Linux.ENOSYS)
            KernelLog.Write(line, length);
    }
}
