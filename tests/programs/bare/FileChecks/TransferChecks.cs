using System;
using Bare;
using ConnectionChecks;

namespace FileChecks;

/// <summary>
/// sendfile(2), splice(2) and copy_file_range(2) between files, pipes and sockets, as often as it takes until they are no requests, beside whoever changes
/// the files: what is moved, counted and dated is what Linux has.
/// </summary>
internal static class TransferChecks
{
    private const int Often = 20, Length = 70_000, Piece = 16_384, Set = 0, Current = 1, SetFlags = 4, NonBlock = 0x800, OffsetAt = 3000;
    private const int Touches = 72, Modifies = 88, Nanoseconds = 8, Unix = 1, OfStream = 1, IgnoreBrokenPipe = 13;
    private const long SendFile = 40, Splice = 275, CopyRange = 326, NumberOfSocketPair = 53, NumberOfAction = 13;

    private static long memory;

    public static void Run()
    {
        memory = Files.Map(3 * Length);
        for (int index = 0; index < Length; index++)
            Linux.MemoryAt(memory + index) = (byte)(index * 11 + index / 4096 + 3);
        int source = Files.Open("/tmp/from\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        int target = Files.Open("/tmp/to\0"u8, Files.ReadWrite | Files.Create | Files.Truncate);
        Files.Write(source, memory, Length);
        Clear(target);
        Offsets(source, target);
        Ends(source, target);
        Itself(source);
        Changes(source, target);
        Times(source, target);
        Refused(source, target);
        Ranges(source, target);
        Shared(source, target);
        Pipes(source);
        Sockets(source);
        Files.Remove("/tmp/from\0"u8);
        Files.Remove("/tmp/to\0"u8);
    }

    // Own offsets and given ones, which move and do not, in pieces of any length.
    private static void Offsets(int source, int target)
    {
        Settle(source, target);
        Clear(target);
        Settle(source, target);
        Files.Seek(source, 0, Set);
        Files.Seek(target, 0, Set);
        long sum = 0;
        for (int piece = 1; sum < Length - Piece; piece = piece * 3 % Piece + 1)
            sum += Linux.Call(SendFile, target, source, 0, piece);
        Report.Number("moved"u8, sum);
        Report.Number("where"u8, Files.Seek(source, 0, Current));
        Report.Number("where"u8, Files.Seek(target, 0, Current));
        Report.Number("same"u8, Same(target, 0, 0, (int)sum));
        Report.Number("and not more"u8, Differs(target, (int)sum));
        Files.Seek(source, 77, Set);
        Files.Seek(target, 100, Set);
        Report.Number("given"u8, At(target, source, 5000, 300));
        Report.Number("told"u8, (long)Sys.Word(Sys.At(OffsetAt)));
        Report.Number("where"u8, Files.Seek(source, 0, Current));
        Report.Number("where"u8, Files.Seek(target, 0, Current));
        Report.Number("same"u8, Same(target, 100, 5000, 300));
    }

    private static void Ends(int source, int target)
    {
        Settle(source, target);
        Files.Seek(target, 10, Set);
        Report.Number("the end"u8, At(target, source, Length, 100));
        Report.Number("behind it"u8, At(target, source, Length + 4000, 100));
        Report.Number("over it"u8, At(target, source, Length - 40, 100));
        Report.Number("told"u8, (long)Sys.Word(Sys.At(OffsetAt)));
        Report.Number("nothing"u8, At(target, source, 0, 0));
        Report.Number("negative"u8, At(target, source, -1, 100));
        Report.Number("nowhere told"u8, Linux.Call(SendFile, target, source, 16, 100));
        Report.Number("where"u8, Files.Seek(target, 0, Current));
        // The target gets longer.
        for (int round = 0; round < 3; round++)
        {
            Settle(source, target);
            Files.Seek(target, Length - 20, Set);
            Report.Number("longer"u8, At(target, source, 5, 100));
            Report.Number("where"u8, Files.Seek(target, 0, Current));
            Report.Number("same"u8, Same(target, Length - 20, 5, 100));
            Files.Truncated(target, Length);
        }
    }

    private static void Itself(int file)
    {
        int other = Files.Open("/tmp/from\0"u8, Files.ReadWrite);
        for (int round = 0; round < Often; round++)
        {
            Files.WriteAt(other, memory, Piece, 0);
            Files.ReadAt(file, memory + Length, Piece, 0);
        }

        for (int round = 0; round < 3; round++)
        {
            Files.Seek(other, 30_000, Set);
            Report.Number("apart"u8, At(other, file, 1000, 5000));
            Report.Number("same"u8, Same(other, 30_000, 1000, 5000));
            Files.WriteAt(other, memory, Length, 0);
        }

        Sys.Close(other);
    }

    // Somebody writes and cuts the source, or the target.
    private static void Changes(int source, int target)
    {
        int other = Files.Open("/tmp/from\0"u8, Files.ReadWrite), third = Files.Open("/tmp/to\0"u8, Files.ReadWrite);
        for (int round = 0; round < 4; round++)
        {
            Settle(source, target);
            Linux.MemoryAt(memory + 12_345) = (byte)(round + 50);
            Files.WriteAt(other, memory + 12_345, 1, 12_345);
            Files.Seek(target, 0, Set);
            Report.Number("written"u8, At(target, source, 0, Piece));
            Report.Number("same"u8, Same(target, 0, 0, Piece));
            Settle(source, target);
            Files.Truncated(other, 9000);
            Files.Seek(target, 0, Set);
            Report.Number("cut"u8, At(target, source, 0, Piece));
            Files.Truncated(other, 20_000);
            Report.Number("and longer"u8, At(target, source, 0, Piece));
            Files.ReadAt(target, memory + Length, Piece, 9000);
            Report.Number("zeros"u8, Files.Leading(memory + Length + 9000, Piece - 9000, 0));
            Files.WriteAt(other, memory, Length, 0);
            Settle(source, target);
            Files.Truncated(third, 1000);
            Files.Seek(target, 500, Set);
            Report.Number("the target is cut"u8, At(target, source, 0, Piece));
            Report.Number("same"u8, Same(target, 500, 0, Piece));
            Clear(third);
        }

        Sys.Close(other);
        Sys.Close(third);
    }

    private static void Times(int source, int target)
    {
        for (int round = 0; round < 3; round++)
        {
            Settle(source, target);
            long read = Time(source, Touches), written = Time(target, Modifies), untouched = Time(source, Modifies);
            Sys.Sleep(20);
            Files.Seek(target, 0, Set);
            At(target, source, 0, Piece);
            Report.Number("read then"u8, Time(source, Touches) > read ? 1 : 0);
            Report.Number("written then"u8, Time(target, Modifies) > written ? 1 : 0);
            Report.Number("not written"u8, Time(source, Modifies) == untouched ? 1 : 0);
        }
    }

    private static void Refused(int source, int target)
    {
        int reader = Files.Open("/tmp/to\0"u8, Files.ReadOnly), writer = Files.Open("/tmp/from\0"u8, Files.WriteOnly);
        Settle(source, target);
        Report.Number("to what is read"u8, At(reader, source, 0, 10));
        Report.Number("from what is written"u8, At(target, writer, 0, 10));
        Sys.Fcntl(target, SetFlags, Files.Append);
        Report.Number("appended"u8, At(target, source, 0, 10));
        Report.Number("of a range"u8, Linux.Call(CopyRange, source, 0, target, 0, 10));
        Sys.Fcntl(target, SetFlags, 0);
        Report.Number("not appended"u8, At(target, source, 0, 10));
        Report.Number("closed"u8, At(99, source, 0, 10));
        Report.Number("closed"u8, At(target, 99, 0, 10));
        Sys.Close(reader);
        Sys.Close(writer);
    }

    private static void Ranges(int source, int target)
    {
        for (int round = 0; round < Often; round++)
        {
            Files.Seek(source, 100, Set);
            Files.Seek(target, 200, Set);
            if (Linux.Call(CopyRange, source, 0, target, 0, 1000) != 1000)
                Report.Number("short"u8, round);
        }

        Report.Number("where"u8, Files.Seek(source, 0, Current));
        Report.Number("where"u8, Files.Seek(target, 0, Current));
        Report.Number("same"u8, Same(target, 200, 100, 1000));
        Sys.Word(Sys.At(OffsetAt)) = 2000;
        Sys.Word(Sys.At(OffsetAt + 8)) = 3000;
        Report.Number("given"u8, Linux.Call(CopyRange, source, Sys.At(OffsetAt), target, Sys.At(OffsetAt + 8), 5000));
        Report.Number("told"u8, (long)Sys.Word(Sys.At(OffsetAt)));
        Report.Number("told"u8, (long)Sys.Word(Sys.At(OffsetAt + 8)));
        Report.Number("same"u8, Same(target, 3000, 2000, 5000));
        Report.Number("where"u8, Files.Seek(source, 0, Current));
    }

    // Parent and child move by the same descriptions in turn.
    private static void Shared(int source, int target)
    {
        Clear(target);
        Settle(source, target);
        Files.Seek(source, 0, Set);
        Files.Seek(target, 0, Set);
        for (int round = 0; round < 6; round++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                for (int count = 0; count < 10; count++)
                    Linux.Call(SendFile, target, source, 0, 200);
                Linux.Exit(0);
            }

            Sys.Wait(child);
            for (int count = 0; count < 10; count++)
                Linux.Call(SendFile, target, source, 0, 300);
        }

        Report.Number("where"u8, Files.Seek(source, 0, Current));
        Report.Number("same"u8, Same(target, 0, 0, 30_000));
    }

    private static void Pipes(int source)
    {
        Sys.Pipe(out int read, out int write);
        long moved = 0, same = 0;
        for (int round = 0; round < 4 * Often; round++)
        {
            int at = round * 512 % 40_000, length = 512 + round * 100;
            long count = round % 2 == 0 ? At(write, source, at, length) : Spliced(source, at, write, length);
            Files.Read(read, memory + Length, 2 * Length);
            moved += count;
            same += Common(memory + at, memory + Length, (int)count);
        }

        Report.Number("into a pipe"u8, moved);
        Report.Number("same"u8, same);
        Sys.Fcntl(write, SetFlags, NonBlock);
        Report.Number("what fits"u8, At(write, source, 0, Length));
        Report.Number("nothing fits"u8, At(write, source, 0, 100));
        Report.Number("told"u8, (long)Sys.Word(Sys.At(OffsetAt)));
        Report.Number("it holds"u8, Files.Read(read, memory + Length, 2 * Length));
        Sys.Fcntl(write, SetFlags, 0);
        At(write, source, 0, 65_536);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Sleep(20);
            Linux.Exit(Files.Read(read, memory + Length, 40_960) == 40_960 ? 3 : 4);
        }

        Report.Number("some, after a while"u8, At(write, source, 0, 65_536) > 0 ? 1 : 0);
        Report.Number("who made room"u8, Sys.Wait(child));
        Sys.Close(read);
        Sys.Word(memory + Length) = 1; // SIG_IGN
        Sys.Word(memory + Length + 8) = Sys.Word(memory + Length + 16) = Sys.Word(memory + Length + 24) = 0;
        Linux.Call(NumberOfAction, IgnoreBrokenPipe, memory + Length, 0, 8);
        Report.Number("no reader"u8, At(write, source, 0, 100));
        Sys.Close(write);
    }

    private static long Spliced(int source, long offset, int target, long length)
    {
        Sys.Word(Sys.At(OffsetAt)) = (ulong)offset;
        return Linux.Call(Splice, source, Sys.At(OffsetAt), target, 0, length);
    }

    private static void Sockets(int source)
    {
        Linux.Call(NumberOfSocketPair, Unix, OfStream, 0, Sys.At(OffsetAt));
        int one = Sys.Half(Sys.At(OffsetAt)), other = Sys.Half(Sys.At(OffsetAt + 4));
        long moved = 0, same = 0;
        for (int round = 0; round < 2 * Often; round++)
        {
            long count = At(one, source, round * 1000, 3000);
            Files.Read(other, memory + Length, Length);
            moved += count;
            same += Common(memory + round * 1000, memory + Length, (int)count);
        }

        Report.Number("into a socket"u8, moved);
        Report.Number("same"u8, same);
        int child = Sys.Fork();
        if (child == 0)
        {
            long all = 0;
            while (all < 3 * Length && Files.Read(other, memory + Length, 4000) is var part && part > 0)
                all += part;
            Linux.Exit(all == 3 * Length ? 5 : 6);
        }

        // More than a socket holds: all of it goes.
        Report.Number("all"u8, At(one, source, 0, Length) + At(one, source, 0, Length) + At(one, source, 0, Length));
        Report.Number("who took it"u8, Sys.Wait(child));
        Sys.Close(one);
        Sys.Close(other);
    }

    // sendfile(2) from a given offset.
    private static long At(int target, int source, long offset, long length)
    {
        Sys.Word(Sys.At(OffsetAt)) = (ulong)offset;
        return Linux.Call(SendFile, target, source, Sys.At(OffsetAt), length);
    }

    // As often as it takes until transfers are no requests; what others end is lent anew.
    private static void Settle(int source, int target)
    {
        for (int count = 0; count < 300; count++)
        {
            Files.Seek(target, Length - 50, Set);
            At(target, source, Length - 50, 50);
        }
    }

    private static void Clear(int file)
    {
        Files.Fill(memory + Length, Length, 0xEE);
        Files.WriteAt(file, memory + Length, Length, 0);
        Files.Truncated(file, Length);
    }

    private static long Time(int file, int at)
    {
        Files.Fstat(file, memory + Length);
        return (long)Sys.Word(memory + Length + at) * 1_000_000_000 + (long)Sys.Word(memory + Length + at + Nanoseconds);
    }

    // Bytes of a file that are those which the source had at a place.
    private static int Same(int file, long offset, int at, int length) =>
        Common(memory + at, memory + Length, (int)Files.ReadAt(file, memory + Length, length, offset));

    private static int Differs(int file, int at)
    {
        Files.ReadAt(file, memory + Length, 100, at);
        return Files.Leading(memory + Length, 100, 0xEE);
    }

    private static int Common(long first, long second, int most)
    {
        int index = 0;
        while (index < most && Linux.MemoryAt(first + index) == Linux.MemoryAt(second + index))
            index++;
        return index;
    }
}
