using System;

namespace Libsys.Personality;

/// <summary>Pushes bytes on the stack of a program that is being started.</summary>
internal unsafe struct StackWriter(ulong position)
{
    /// <summary>Address of the last thing pushed.</summary>
    public ulong Position = position;

    /// <summary>True once a write faulted (no memory for the stack's pages).</summary>
    public bool Failed;

    /// <summary>Pushes a string with its NUL and returns its address.</summary>
    public ulong PushString(byte* text) => PushBytes(text, ArgumentList.LengthOf(text) + 1);

    /// <summary>Pushes constant text and a NUL.</summary>
    public ulong PushText(ReadOnlySpan<byte> text)
    {
        // Constants of u8 literals are followed by a NUL that is not in the span.
        fixed (byte* start = text)
            return PushBytes(start, (uint)text.Length + 1);
    }

    /// <summary>Pushes bytes and returns their address.</summary>
    public ulong PushBytes(byte* bytes, uint length)
    {
        Position -= length;
        if (Stubs.UserCopy(Position, (ulong)bytes, length) != 0)
            Failed = true;
        return Position;
    }
}
