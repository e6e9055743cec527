using System;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Lines for the kernel's log port, composed in the thread's message area. Only spaces that hold the machine handle have one (the supervisor);
/// elsewhere nothing happens. Clobbers the message area: do not log between filling it and a call.
/// </summary>
internal unsafe ref struct Log
{
    private readonly byte* buffer;
    private readonly uint handle;
    private int length;

    /// <summary>Starts a line.</summary>
    public Log(TaskState* task)
    {
        buffer = (byte*)TaskState.MessageOf(task);
        handle = task->Process != null && task->Process->Space != null ? task->Process->Space->LogHandle : 0;
        length = 0;
    }

    /// <summary>Adds text.</summary>
    public void Text(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
            Add(text[i]);
    }

    /// <summary>Adds a number in hexadecimal with 0x.</summary>
    public void Hex(ulong value)
    {
        Text("0x"u8);
        int shift = 60;
        while (shift > 0 && value >> shift == 0)
            shift -= 4;
        for (; shift >= 0; shift -= 4)
        {
            uint digit = (uint)(value >> shift) & 15;
            Add((byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }

    /// <summary>Adds a decimal number.</summary>
    public void Number(ulong value) => Number(value, 1, (byte)'0');

    /// <summary>Adds a decimal number, filled up to <paramref name="width"/> characters.</summary>
    public void Number(ulong value, int width, byte fill)
    {
        ulong power = 1;
        int digits = 1;
        for (; value / power >= 10; digits++)
            power *= 10;
        for (; digits < width; digits++)
            Add(fill);
        for (; power != 0; power /= 10)
            Add((byte)('0' + value / power % 10));
    }

    /// <summary>Ends the line and writes it.</summary>
    public void End()
    {
        if (handle == 0)
            return;
        Add((byte)'\n');
        KernelCalls.LogWrite(handle, (ulong)length);
    }

    private void Add(byte value)
    {
        if (handle != 0 && length < ThreadBlock.MessageLength)
            buffer[length++] = value;
    }
}
