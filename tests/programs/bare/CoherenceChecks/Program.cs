using System;
using System.Runtime;
using Bare;
using static CoherenceChecks.Files;

namespace CoherenceChecks;

/// <summary>
/// What mappings of files show, a line each: after writes, stores, truncation and removal, for a file that was made here and for /data, which is part of the
/// root file system and has five pages and a bit. Other systems are told apart by the output alone.
/// </summary>
internal static class Program
{
    private const long Length = 8 * Page;

    [RuntimeExport("program_main")]
    private static int Main(int argumentCount, ulong arguments)
    {
        long file = Open("/made\0"u8, Create);
        for (long at = 0; at < 5 * Page + 100; at += 50)
            WriteByte(file, at, (byte)(at / 50));
        Truncate(file, 5 * Page + 100);
        Check("made"u8, file);
        Close(file);
        Unlink("/made\0"u8);

        // Once mapped before the first write, by a file that is open for reading only.
        long reader = Open("/data\0"u8, ReadOnly);
        long early = Map(reader, 0, Length, Private), earlyShared = Map(reader, 0, Length, Shared, writable: false);
        Say("early"u8, Load(early + Page), Load(earlyShared + 2 * Page), Load(early + 5 * Page + 99));
        Store(early + 3 * Page, 200);
        long writer = Open("/data\0"u8, ReadWrite);
        Check("data"u8, writer);
        Say("early private"u8, Load(early + Page), Load(early + 2 * Page), Load(early + 3 * Page));
        Say("early shared"u8, Load(earlyShared + Page), Load(earlyShared + 2 * Page), Load(earlyShared + 3 * Page));
        Say("early end"u8, Try(early + 6 * Page, store: false), Try(earlyShared + 7 * Page, store: false), Load(early));
        Removed(writer, reader);
        Sparse();
        Filling();
        Looking();
        Words();
        return 0;
    }

    private static void Check(ReadOnlySpan<byte> name, long file)
    {
        Linux.Write(1, name);
        Linux.Write(1, "\n"u8);
        long shared = Map(file, 0, Length, Shared), copy = Map(file, 0, Length, Private);
        Say("mapped"u8, Load(shared + 2 * Page), Load(copy + 2 * Page + 50), Load(copy + 5 * Page + 99));

        WriteByte(file, Page, 11);
        Say("written"u8, Load(shared + Page), Load(copy + Page), ReadByte(file, Page));
        Store(shared + 2 * Page, 12);
        Say("stored"u8, Load(copy + 2 * Page), ReadByte(file, 2 * Page), ReadByte(file, 2 * Page + 50));
        Store(copy + 4 * Page, 13);
        Say("private"u8, Load(shared + 4 * Page), ReadByte(file, 4 * Page), Load(copy + 4 * Page));
        WriteByte(file, 4 * Page + 1, 14);
        Say("copied page stays"u8, Load(copy + 4 * Page + 1), Load(shared + 4 * Page + 1), 0);

        Say("rest of the last page"u8, Load(shared + 5 * Page + 101), Load(copy + 6 * Page - 1), Try(shared + 5 * Page + 200, store: true));
        Say("behind the end"u8, Try(shared + 6 * Page, store: false), Try(shared + 7 * Page, store: true), Try(copy + 6 * Page, store: false));
        Say("calls there"u8, WriteFrom(file, 0, shared + 6 * Page, 10), ReadTo(file, 0, shared + 6 * Page, 10), ReadTo(file, 0, copy + 7 * Page, 10));

        Say("grown"u8, Truncate(file, 7 * Page), Load(shared + 6 * Page), Try(shared + 7 * Page, store: false));
        Store(shared + 6 * Page + 5, 15);
        Say("new page"u8, ReadByte(file, 6 * Page + 5), Load(copy + 6 * Page + 5), ReadByte(file, 7 * Page));
        Say("cut"u8, Truncate(file, Page + 10), Load(shared + Page), Load(shared + Page + 50));
        Say("after the cut"u8, Try(shared + 2 * Page, store: false), Try(shared + 6 * Page, store: true), ReadByte(file, 2 * Page));
        Say("grown again"u8, Truncate(file, 6 * Page), Load(shared + 2 * Page), Load(copy + Page + 50));
        Store(shared + 3 * Page, 16);
        Say("again"u8, ReadByte(file, 3 * Page), Load(copy + 3 * Page), ReadByte(file, 3 * Page + 1));
        Say("punched"u8, Punch(file, Page, 2 * Page + 100), Load(shared + Page), Load(shared + 3 * Page));
        Say("not punched"u8, Load(shared), ReadByte(file, 0), Load(copy + 50));
        Unmap(shared, Length);
        Say("unmapped"u8, ReadByte(file, 3 * Page), Load(copy + 3 * Page), 0);
        WriteByte(file, 3 * Page, 17);
        long later = Map(file, Page, 4 * Page, Shared);
        Say("mapped later"u8, Load(later + 2 * Page), Load(later), Load(copy + 3 * Page));
        Unmap(later, 4 * Page);
        Unmap(copy, Length);
    }

    // A file that has no name and no descriptor any more lives in its mappings.
    private static void Removed(long writer, long reader)
    {
        long shared = Map(writer, 0, Length, Shared), copy = Map(writer, 0, Length, Private);
        Truncate(writer, 6 * Page);
        WriteByte(writer, 5 * Page, 21);
        Unlink("/data\0"u8);
        Close(writer);
        Close(reader);
        Store(shared, 22);
        Store(shared + 4 * Page, 23);
        Say("removed"u8, Load(copy), Load(copy + 4 * Page), Load(copy + 5 * Page));
        Say("its hole"u8, Load(copy + 2 * Page), Try(shared + 3 * Page, store: true), Load(copy + 3 * Page));
        Say("its end"u8, Try(shared + 6 * Page, store: false), Try(copy + 7 * Page, store: true), 0);
        Unmap(shared, Length);
        Unmap(copy, Length);

        long memory = Open("/gone\0"u8, Create);
        Truncate(memory, 3 * Page);
        long map = Map(memory, 0, 4 * Page, Shared);
        Unlink("/gone\0"u8);
        Close(memory);
        Store(map + Page, 24);
        Say("memory"u8, Load(map), Try(map + Page, store: true), Load(map + Page));
        Say("its end"u8, Try(map + 3 * Page, store: false), Try(map + 2 * Page, store: true), Load(map + 2 * Page));
        Unmap(map, 4 * Page);
    }

    private static void Sparse()
    {
        const long Tebibytes = 1L << 44;
        long file = Open("/m/sparse\0"u8, Create);
        Say("sparse"u8, Truncate(file, Tebibytes), Blocks(file), Seek(file, 0, 3));
        WriteByte(file, Tebibytes - 1, 31);
        Say("last byte"u8, Blocks(file), Seek(file, 0, 3), Seek(file, 0, 4));
        long end = Map(file, Tebibytes - 2 * Page, 2 * Page, Shared);
        Say("mapped"u8, Load(end + 2 * Page - 1), Load(end), Blocks(file));
        Store(end + 1, 32);
        Say("stored"u8, ReadByte(file, Tebibytes - 2 * Page + 1), Seek(file, Tebibytes - 2 * Page, 4), ReadByte(file, Tebibytes));
        Say("cut"u8, Truncate(file, 1L << 40), Blocks(file), Try(end, store: false));
        Close(file);
        Unlink("/m/sparse\0"u8);
        Unmap(end, 2 * Page);
    }

    // Which pages a file has is what was touched, however many are made beforehand for who fills it.
    private static void Filling()
    {
        const long pages = 300, length = pages * Page;
        long file = Open("/m/filled\0"u8, Create);
        Truncate(file, length);
        long map = Map(file, 0, length, Shared);
        Store(map, 41);
        Say("first"u8, Blocks(file), Seek(file, 0, 4), Seek(file, Page, 3));
        for (long page = 0; page < 100; page++)
            Store(map + page * Page, 42);
        Say("filled"u8, Blocks(file), Seek(file, 0, 4), Seek(file, 100 * Page, 3));
        Say("left out"u8, Try(map + 102 * Page, store: true), Blocks(file), Load(map + 102 * Page));
        for (long page = 120; page < pages; page += 16)
            Store(map + page * Page, 43);
        Say("here and there"u8, Blocks(file), ReadByte(file, 136 * Page), Seek(file, 121 * Page, 3));
        Unmap(map, length);
        Say("unmapped"u8, Blocks(file), ReadByte(file, 99 * Page), ReadByte(file, 150 * Page));

        // Pages made beforehand that write(2) writes, and such that end with the mapping.
        Truncate(file, 0);
        Truncate(file, length);
        map = Map(file, 8 * Page, 20 * Page, Shared);
        Store(map, 44);
        WriteByte(file, 12 * Page, 45);
        Store(map + 2 * Page, 46);
        Say("written"u8, Load(map + 4 * Page), ReadByte(file, 10 * Page), Blocks(file));
        Store(map + 5 * Page, 47);
        Unmap(map, 20 * Page);
        Say("unmapped"u8, Blocks(file), ReadByte(file, 13 * Page), Seek(file, 14 * Page, 3));
        map = Map(file, 0, length, Shared);
        Store(map + 200 * Page, 48);
        Say("cut"u8, Truncate(file, 201 * Page), Blocks(file), ReadByte(file, 200 * Page));
        Say("read"u8, Load(map + 150 * Page), Blocks(file), Load(map + 13 * Page));
        Close(file);
        Unlink("/m/filled\0"u8);
        Say("removed"u8, Try(map + 30 * Page, store: true), Load(map + 30 * Page), Load(map + 200 * Page));
        Unmap(map, length);
    }

    // Pages that are only read count as well, and no others.
    private static void Looking()
    {
        const long length = 200 * Page;
        long file = Open("/m/looked\0"u8, Create);
        Truncate(file, length);
        long map = Map(file, 0, length, Shared), sum = 0;
        Say("mapped"u8, Blocks(file), Seek(file, 0, 3), 0);
        for (long page = 0; page < 40; page++)
            sum += Load(map + page * Page);
        Say("read through"u8, Blocks(file), Seek(file, 0, 4), Seek(file, 40 * Page, 3));
        Unmap(map, length);
        map = Map(file, 100 * Page, 20 * Page, Shared);
        sum += Load(map + 3 * Page);
        Unmap(map, 20 * Page);
        Say("one read"u8, Blocks(file), Seek(file, 40 * Page, 3), Seek(file, 103 * Page, 4));
        map = Map(file, 150 * Page, 20 * Page, Shared);
        sum += Load(map) + Load(map + Page);
        Store(map + 5 * Page, 50);
        Say("one written"u8, Blocks(file), Seek(file, 150 * Page, 4), Seek(file, 152 * Page, 3));
        Say("sum"u8, sum, Load(map + 5 * Page), ReadByte(file, 155 * Page));
        Close(file);
        Unlink("/m/looked\0"u8);
        Unmap(map, 20 * Page);
    }

    // Words that processes wait on in pages that nobody has touched: holes, the archive's, and what lies behind the end.
    private static void Words()
    {
        const long wait = 0, wake = 1, compareRequeue = 4, privately = 128, anonymous = 0x22;
        long time = Map(-1, 0, Page, anonymous);
        Store(time + 10, 15); // 983,040 ns
        foreach (long kind in (ReadOnlySpan<long>)[0, privately])
        {
            long file = Open("/words\0"u8, Create);
            Truncate(file, 8 * Page);
            long map = Map(file, 0, 9 * Page, Shared);
            Say("other value"u8, Futex(map, wait | kind, 1), Futex(map, wait | kind, 0, time), Blocks(file));
            Say("time is up"u8, Futex(map + 2 * Page, wait | kind, 0, time), Futex(map + 4 * Page, wake | kind, 1), Load(map + 4 * Page));
            Say("requeue"u8, Futex(map + 5 * Page, compareRequeue | kind, 1, 1, map + 6 * Page, 1),
                Futex(map + 6 * Page, compareRequeue | kind, 1, 1, map + 7 * Page, 0), 0);
            Say("behind the end"u8, Futex(map + 8 * Page, wait | kind, 0, time), Futex(map + 8 * Page, compareRequeue | kind, 1, 1, map, 1), 0);
            Close(file);
            Unlink("/words\0"u8);
            Unmap(map, 9 * Page);
        }
    }

    private static void Say(ReadOnlySpan<byte> what, long a, long b, long c)
    {
        Span<byte> line = stackalloc byte[128];
        int length = 0;
        what.CopyTo(line);
        length = what.Length;
        Number(line, ref length, a);
        Number(line, ref length, b);
        Number(line, ref length, c);
        line[length++] = (byte)'\n';
        Linux.Write(1, line[..length]);
    }

    private static void Number(Span<byte> line, ref int length, long value)
    {
        line[length++] = (byte)' ';
        if (value < 0)
        {
            line[length++] = (byte)'-';
            value = -value;
        }

        long power = 1;
        while (value / power >= 10)
            power *= 10;
        for (; power > 0; power /= 10)
            line[length++] = (byte)('0' + value / power % 10);
    }
}
