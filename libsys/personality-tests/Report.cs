using System;

namespace PersonalityTests;

/// <summary>Lines on standard output; where there is none (a server without a file system) in the kernel's log.</summary>
internal static unsafe class Report
{
    // Libsys.Abi: LogWrite with the machine handle of the first space; message area of the thread's block.
    private static int failures;
    private static int passed;

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
