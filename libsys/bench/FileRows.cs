namespace Libsys.Bench;

/// <summary>Descriptors, names and contents of files.</summary>
internal static unsafe class FileRows
{
    private const int LargeLength = 16 * Memory.PageLength;

    private static readonly nint
        Zero = Linux.Text("/dev/zero\0"u8), Null = Linux.Text("/dev/null\0"u8), Random = Linux.Text("/dev/urandom\0"u8),
        File = Linux.Text("/tmp/bench/file\0"u8), Copy = Linux.Text("/tmp/bench/copy\0"u8), SymbolicLink = Linux.Text("/tmp/bench/link\0"u8),
        New = Linux.Text("/tmp/bench/new\0"u8), Other = Linux.Text("/tmp/bench/other\0"u8);

    private static readonly nint Buffer = Memory.Allocate(LargeLength);

    public static IEnumerable<Row> All() =>
    [
        new("read 1 of /dev/zero", () => OfFile(Zero, Numbers.ReadOnly, file => Linux.Call(Numbers.Read, file, Buffer, 1))),
        new("write 1 to /dev/null", () => OfFile(Null, Numbers.WriteOnly, file => Linux.Call(Numbers.Write, file, Buffer, 1))),
        new("read 16 of /dev/urandom", () => OfFile(Random, Numbers.ReadOnly, file => Linux.Call(Numbers.Read, file, Buffer, 16))),
        new("lseek", () => OfFile(File, Numbers.ReadOnly, file => Linux.Call(Numbers.Lseek, file, 1, 0))),
        new("fstat", () => OfFile(File, Numbers.ReadOnly, file => Linux.Call(Numbers.Fstat, file, Buffer))),
        new("stat", () => new(() => Linux.Call(Numbers.Stat, File, Buffer))),
        new("access", () => new(() => Linux.Call(Numbers.Access, File, 4))),
        new("readlink", ReadLink),
        new("open + close", () => new(() => Linux.Call(Numbers.Close, Linux.Call(Numbers.Open, File, Numbers.ReadOnly)))),
        new("create + write 4 KiB + close + unlink", () => new(CreateAndRemove)),
        new("rename", Rename),
        new("link + unlink", () => new(() => Linux.Call(Numbers.Link, File, New) | Linux.Call(Numbers.Unlink, New))),
        new("mkdir + rmdir", () => new(() => Linux.Call(Numbers.Mkdir, New, Numbers.Executable) | Linux.Call(Numbers.Rmdir, New))),
        new("dup + close", () => OfFile(File, Numbers.ReadOnly, file => Linux.Call(Numbers.Close, Linux.Call(Numbers.Dup, file)))),
        new("read 1 + lseek", () => OfFile(File, Numbers.ReadOnly,
            file => Linux.Call(Numbers.Read, file, Buffer, 1) | Linux.Call(Numbers.Lseek, file, 0, 0))),
        new("pread 4 KiB", () => OfFile(File, Numbers.ReadOnly, file => Linux.Call(Numbers.Pread, file, Buffer, Memory.PageLength, 0))),
        new("pread 64 KiB", () => OfFile(File, Numbers.ReadOnly, file => Linux.Call(Numbers.Pread, file, Buffer, LargeLength, 0))),
        new("pwrite 4 KiB", () => OfFile(File, Numbers.ReadWrite, file => Linux.Call(Numbers.Pwrite, file, Buffer, Memory.PageLength, 0))),
        new("flock + unlock", () => Lock()),
        new("preadv of 4 pieces of 1 KiB", ReadPieces),
        new("lseek + sendfile 64 KiB to a file", SendFile),
        new("getdents of 1000 names", ListDirectory),
    ];

    /// <summary>Makes the directory and the file of 64 KiB that the rows share.</summary>
    public static void MakeFiles()
    {
        Linux.Call(Numbers.Mkdir, Linux.Text("/tmp/bench\0"u8), Numbers.Executable);
        Linux.Check(Linux.Call(Numbers.Close, MakeFile(File, LargeLength)));
    }

    /// <summary>A new file, open.</summary>
    public static long MakeFile(nint path, int length)
    {
        long file = Linux.Check(Linux.Call(Numbers.Open, path, Numbers.ReadWrite | Numbers.CreateNew, Numbers.ForAll));
        for (int at = 0; at < length; at += LargeLength)
            Linux.Check(Linux.Call(Numbers.Pwrite, file, Buffer, Math.Min(LargeLength, length - at), at));
        return file;
    }

    /// <summary>A lock taken and given back: two small requests by message, and their answers.</summary>
    public static Prepared Lock(Action? end = null)
    {
        long file = Linux.Check(Linux.Call(Numbers.Open, File, Numbers.ReadOnly));
        return new(
            () => Linux.Call(Numbers.Flock, file, Numbers.LockExclusive) | Linux.Call(Numbers.Flock, file, Numbers.LockUnlock),
            () =>
            {
                Linux.Call(Numbers.Close, file);
                end?.Invoke();
            });
    }

    private static Prepared OfFile(nint path, long flags, Func<long, long> operation)
    {
        long file = Linux.Check(Linux.Call(Numbers.Open, path, flags));
        return new(() => operation(file), () => Linux.Call(Numbers.Close, file));
    }

    private static Prepared ReadLink()
    {
        Linux.Check(Linux.Call(Numbers.Symlink, File, SymbolicLink));
        return new(() => Linux.Call(Numbers.Readlink, SymbolicLink, Buffer, Memory.PageLength), () => Linux.Call(Numbers.Unlink, SymbolicLink));
    }

    private static long CreateAndRemove()
    {
        long made = Linux.Call(Numbers.Open, New, Numbers.ReadWrite | Numbers.CreateNew, Numbers.ForAll);
        return Linux.Call(Numbers.Write, made, Buffer, Memory.PageLength) | Linux.Call(Numbers.Close, made) | Linux.Call(Numbers.Unlink, New);
    }

    private static Prepared Rename()
    {
        Linux.Call(Numbers.Close, MakeFile(New, 1));
        return new(() => Linux.Call(Numbers.Rename, New, Other) | Linux.Call(Numbers.Rename, Other, New), () => Linux.Call(Numbers.Unlink, New), Parts: 2);
    }

    private static Prepared ReadPieces()
    {
        const int Pieces = 4, PieceLength = 1024;
        nint vector = Memory.Allocate(Memory.PageLength);
        for (int piece = 0; piece < Pieces; piece++)
        {
            ((nint*)vector)[2 * piece] = Buffer + piece * 2 * PieceLength;
            ((nint*)vector)[2 * piece + 1] = PieceLength;
        }

        return OfFile(File, Numbers.ReadOnly, file => Linux.Call(Numbers.Preadv, file, vector, Pieces));
    }

    private static Prepared SendFile()
    {
        long target = MakeFile(Copy, LargeLength);
        return OfFile(File, Numbers.ReadOnly, file =>
        {
            long position = 0;
            return Linux.Call(Numbers.Lseek, target, 0, 0) | Linux.Call(Numbers.Sendfile, target, file, (long)&position, LargeLength);
        });
    }

    private static Prepared ListDirectory()
    {
        const int Names = 1000;
        nint directory = Linux.Text("/tmp/bench/many\0"u8);
        Linux.Call(Numbers.Mkdir, directory, Numbers.Executable);
        // The name of an entry, with its number in place of the last four characters.
        byte* path = stackalloc byte[] { (byte)'/', (byte)'t', (byte)'m', (byte)'p', (byte)'/', (byte)'b', (byte)'e', (byte)'n', (byte)'c', (byte)'h',
            (byte)'/', (byte)'m', (byte)'a', (byte)'n', (byte)'y', (byte)'/', (byte)'0', (byte)'0', (byte)'0', (byte)'0', 0 };
        for (int number = 0; number < Names; number++)
        {
            for (int digit = 0, rest = number; digit < 4; digit++, rest /= 10)
                path[19 - digit] = (byte)('0' + rest % 10);
            Linux.Call(Numbers.Close, MakeFile((nint)path, 0));
        }

        return OfFile(directory, Numbers.ReadOnly | Numbers.Directory, file =>
        {
            Linux.Call(Numbers.Lseek, file, 0, 0);
            long length;
            do
                length = Linux.Call(Numbers.Getdents, file, Buffer, LargeLength / 2);
            while (length > 0);
            return length;
        });
    }
}
