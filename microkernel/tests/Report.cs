using System;
using Libsys.Abi;

namespace KernelTests;

/// <summary>Results as lines on the kernel's log: PASS name, FAIL name, MEASURE name number.</summary>
internal static unsafe class Report
{
    private static uint passed, failed;
    private static bool good;

    /// <summary>Failed tests so far.</summary>
    public static uint Failed => failed;

    /// <summary>Runs one test.</summary>
    public static void Test(ReadOnlySpan<byte> name, delegate*<void> test)
    {
        good = true;
        test();
        if (good)
            passed++;
        else
            failed++;
        Line line = new Line();
        line.Text(good ? "PASS "u8 : "FAIL "u8);
        line.Text(name);
        line.Write();
    }

    /// <summary>Notes one expectation of the running test; a broken one is printed with its number.</summary>
    public static void Expect(long actual, long expected, int place)
    {
        if (actual == expected)
            return;
        good = false;
        Line line = new Line();
        line.Text("  expectation "u8);
        line.Number(place);
        line.Text(": got "u8);
        line.Number(actual);
        line.Text(", expected "u8);
        line.Number(expected);
        line.Write();
    }

    /// <summary>Notes one condition.</summary>
    public static void Expect(bool holds, int place) => Expect(holds ? 1 : 0, 1, place);

    /// <summary>Notes a status.</summary>
    public static void Fails(long actual, KernelStatus expected, int place) => Expect(actual, (long)expected, place);

    /// <summary>Prints a measured number.</summary>
    public static void Measure(ReadOnlySpan<byte> name, ulong value)
    {
        Line line = new Line();
        line.Text("MEASURE "u8);
        line.Text(name);
        line.Text(" "u8);
        line.Number((long)value);
        line.Write();
    }

    /// <summary>Prints the closing line.</summary>
    public static void Close()
    {
        Line line = new Line();
        line.Text("TOTAL "u8);
        line.Number(passed);
        line.Text(" passed, "u8);
        line.Number(failed);
        line.Text(" failed"u8);
        line.Write();
    }
}

/// <summary>A line under construction in the message area.</summary>
internal unsafe struct Line
{
    private byte* area;
    private int length;

    private void Start()
    {
        if (area == null)
            area = (byte*)&Kernel.Block->Message;
    }

    public void Text(ReadOnlySpan<byte> text)
    {
        Start();
        for (int i = 0; i < text.Length; i++)
            area[length++] = text[i];
    }

    public void Number(long value)
    {
        Start();
        if (value < 0)
        {
            area[length++] = (byte)'-';
            value = -value;
        }
        ulong left = (ulong)value;
        int digits = 1;
        for (ulong rest = left; rest >= 10; rest /= 10)
            digits++;
        for (int i = digits - 1; i >= 0; i--, left /= 10)
            area[length + i] = (byte)('0' + left % 10);
        length += digits;
    }

    public void Write()
    {
        Start();
        area[length++] = (byte)'\n';
        Kernel.Call(KernelCall.LogWrite, WellKnownHandle.BootMachine, (ulong)length);
    }
}
