using System;
using Bare;

namespace StoreChecks;

/// <summary>The disk of the tests by its control device, whose node is /tmp/disk: tests/servers/vfs-disk.</summary>
internal static class Disk
{
    private const long OpenNumber = 2, ReadNumber = 0, CloseNumber = 3;

    /// <summary>First word that lies on the disk of a page of a file, little end first; −1: none.</summary>
    public static long Word(long inode, long page)
    {
        Span<byte> answer = stackalloc byte[64];
        if (Ask("page "u8, inode, page, answer) < 16)
            return -1;
        ulong value = 0;
        for (int at = 0; at < 16; at += 2)
            value |= (ulong)(Digit(answer[at]) << 4 | Digit(answer[at + 1])) << at * 4;
        return (long)value;
    }

    public static void Say(ReadOnlySpan<byte> command) => Tell(command);

    public static void SetUnwritable(long inode, long page) => Ask("unwritable "u8, inode, page, default);

    public static void SetUnreadable(long inode, long page) => Ask("unreadable "u8, inode, page, default);

    /// <summary>A figure by its name.</summary>
    public static long Figure(ReadOnlySpan<byte> name)
    {
        Span<byte> text = stackalloc byte[512];
        Say("figures"u8);
        int length = (int)Read(text), at = 0;
        while (at < length && !text[at..length].StartsWith(name))
        {
            while (at < length && text[at] != ' ')
                at++;
            at++;
        }

        long value = 0;
        for (at += name.Length + 1; at < length && text[at] is >= (byte)'0' and <= (byte)'9'; at++)
            value = value * 10 + text[at] - '0';
        return value;
    }

    private static long Ask(ReadOnlySpan<byte> command, long inode, long page, Span<byte> answer)
    {
        Span<byte> line = stackalloc byte[96];
        command.CopyTo(line);
        int length = command.Length;
        Number(line, ref length, inode);
        line[length++] = (byte)' ';
        Number(line, ref length, page);
        Tell(line[..length]);
        return answer.IsEmpty ? 0 : Read(answer);
    }

    private static long Open()
    {
        ReadOnlySpan<byte> path = "/tmp/disk\0"u8;
        return Linux.Call(OpenNumber, ref System.Runtime.InteropServices.MemoryMarshal.GetReference(path), 2, 0, 0, 0, 0);
    }

    private static void Tell(ReadOnlySpan<byte> command)
    {
        long file = Open();
        if (Linux.Write((int)file, command) != command.Length)
            Linux.Exit(99);
        Linux.Call(CloseNumber, file);
    }

    private static long Read(Span<byte> answer)
    {
        long file = Open();
        long length = Linux.Call(ReadNumber, file, ref answer[0], answer.Length, 0, 0, 0);
        Linux.Call(CloseNumber, file);
        return length;
    }

    private static void Number(Span<byte> line, ref int length, long value)
    {
        if (value >= 10)
            Number(line, ref length, value / 10);
        line[length++] = (byte)('0' + value % 10);
    }

    private static int Digit(byte digit) => digit <= '9' ? digit - '0' : digit - 'A' + 10;
}
