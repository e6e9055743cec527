using System;
using System.Threading;
using Bare;

namespace PostedChecks;

/// <summary>What others see of an open or a close that they are told of by nothing but a word in memory, or by the end of a process.</summary>
internal static class OtherChecks
{
    private const int Rounds = 20;
    private const int Told = 0, Answered = 1;
    private const long Exclusive = 2, NotBlocking = 4;

    public static void Run()
    {
        Warm();
        Forks();
        Mounts();
        Locks();
        Modes();
        Ids();
    }

    private static void Warm()
    {
        for (int count = 0; count < 30; count++)
            Sys.Close(Sys.Open("/tmp/p/file"u8));
    }

    // A child that is forked right behind an open has it; what it closes and opens is its own.
    private static void Forks()
    {
        long wrong = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long file = Sys.Open("/tmp/p/dir/deep"u8), other = Sys.Open("/tmp/p/file"u8);
            if (Sys.Child() == 0)
            {
                bool isRight = Sys.Read(file) == 'd' && Sys.Read(other) == 'f' && Sys.Close(file) == 0 && Sys.Open("/tmp/p/file"u8) == file
                    && Sys.Read(file) == 'f' && Sys.Close(file) == 0 && Sys.Close(other) == 0;
                for (int count = 0; count < 30; count++)
                    Sys.Close(Sys.Open("/tmp/p/file"u8));
                Linux.Exit(isRight ? 0 : 1);
            }

            wrong += Sys.Wait();
            wrong += Sys.Read(file) == 0 ? 0 : 1; // behind the byte that the child has read
            Sys.Close(file);
            Sys.Close(other);
        }

        Report.Number("forks"u8, wrong);
    }

    // A mount is busy while a file is open, and not a moment longer.
    private static void Mounts()
    {
        Sys.Path(Sys.MakeDirectory, "/tmp/p/mount"u8, 0x1ED);
        long wrong = 0, ended = 0;
        for (int round = 0; round < Rounds; round++)
        {
            wrong += Sys.Mount("/tmp/p/mount"u8);
            Sys.Make("/tmp/p/mount/file"u8, 'm');
            Sys.Shared(Told) = Sys.Shared(Answered) = 0;
            bool ends = (round & 1) != 0;
            if (Sys.Child() == 0)
                Linux.Exit(Use(ends));
            Await(Told, 1);
            wrong += Sys.Unmount("/tmp/p/mount"u8) == -16 ? 0 : 1;
            Volatile.Write(ref Sys.Shared(Answered), 1);
            if (ends)
                ended += Sys.Wait();
            else
                Await(Told, 2);
            wrong += Sys.Unmount("/tmp/p/mount"u8) == 0 ? 0 : 1;
            Volatile.Write(ref Sys.Shared(Answered), 2);
            if (!ends)
                ended += Sys.Wait();
        }

        Report.Number("mounts"u8, wrong);
        Report.Number(" of children"u8, ended);
    }

    private static int Use(bool ends)
    {
        for (int count = 0; count < 30; count++)
            Sys.Close(Sys.Open("/tmp/p/mount/file"u8));
        long file = Sys.Open("/tmp/p/mount/file"u8);
        Volatile.Write(ref Sys.Shared(Told), 1);
        Await(Answered, 1);
        if (ends)
            return file >= 0 ? 0 : 1;
        Sys.Close(file);
        Volatile.Write(ref Sys.Shared(Told), 2);
        Await(Answered, 2);
        return 0;
    }

    // What a class of users may read: by its group, by ids for files alone, which an effective id takes along and a child and a program keep.
    private static void Ids()
    {
        const int user = 1000, other = 1001;
        ReadOnlySpan<byte> path = "/tmp/p/ids"u8;
        Sys.Make(path, 'i');
        foreach (int mode in (ReadOnlySpan<int>)[0x1A0, 0x180, 0x20, 0x104, 0x100])
        {
            Sys.Path(Sys.ChangeMode, path, mode);
            Sys.Path(Sys.ChangeOwner, path, user, other);
            Report.Number("mode"u8, mode);
            Try("root"u8, path, 0, 0, -1, -1);
            Try("owner"u8, path, user, user, -1, -1);
            Try("owner and in the group"u8, path, user, other, -1, -1);
            Try("in the group"u8, path, other, other, -1, -1);
            Try("other"u8, path, other, user, -1, -1);
            Try("for files other"u8, path, 0, 0, other, user);
            Try("for files in the group"u8, path, 0, 0, other, other);
            Try("for files owner"u8, path, 0, 0, user, user);
        }
    }

    private static void Try(ReadOnlySpan<byte> name, ReadOnlySpan<byte> path, long user, long group, long fileUser, long fileGroup)
    {
        const long setGroup = 106, setFileUser = 122, setFileGroup = 123, getUser = 102, setGroups = 116;
        if (Sys.Child() == 0)
        {
            Linux.Call(setGroups, 0);
            Linux.Call(setGroup, group);
            Linux.Call(Sys.SetUser, user);
            Linux.Call(getUser);
            for (int count = 0; count < 30; count++)
                Sys.Close(Sys.Open("/tmp/p/file"u8));
            if (fileUser >= 0)
            {
                Linux.Call(setFileGroup, fileGroup);
                Linux.Call(setFileUser, fileUser);
                Linux.Call(getUser);
            }

            long found = 0;
            for (int count = 0; count < 6; count++)
            {
                // A child finds the same.
                bool isChild = count == 4 && Sys.Child() == 0;
                if (count == 4 && !isChild)
                    Linux.Exit((int)(found + (Sys.Wait() >> 8)));
                long file = Sys.Open(path);
                found = file < 0 ? -file : Sys.Read(file);
                if (file >= 0)
                    Sys.Close(file);
            }

            Linux.Exit((int)found);
        }

        Report.Number(name, Sys.Wait());
    }

    // A lock goes with the close, for who asks once and for who waits.
    private static void Locks()
    {
        long wrong = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Sys.Shared(Told) = Sys.Shared(Answered) = 0;
            bool waits = (round & 1) != 0, isRecord = (round & 2) != 0;
            long file = Sys.Open("/tmp/p/file"u8, isRecord ? Sys.ReadWrite : 0);
            wrong += Take(file, isRecord, false);
            if (Sys.Child() == 0)
            {
                long own = Sys.Open("/tmp/p/file"u8, isRecord ? Sys.ReadWrite : 0);
                Sys.Close(file); // of the parent's description, which flock belongs to
                bool isRefused = Take(own, isRecord, false) == -11;
                Volatile.Write(ref Sys.Shared(Told), 1);
                if (!waits)
                    Await(Answered, 1);
                Linux.Exit(isRefused && Take(own, isRecord, waits) == 0 ? 0 : 1);
            }

            Await(Told, 1);
            for (int count = 0; waits && count < 50; count++)
                Sys.GiveWay();
            Sys.Close(file);
            Volatile.Write(ref Sys.Shared(Answered), 1);
            wrong += Sys.Wait();
        }

        Report.Number("locks"u8, wrong);
    }

    private static long Take(long file, bool isRecord, bool waits) =>
        isRecord ? Sys.RecordLock(file, waits) : Sys.Lock(file, waits ? Exclusive : Exclusive | NotBlocking);

    // Who was told that a file may not be read any more does not open it.
    private static void Modes()
    {
        Sys.Make("/tmp/p/mode"u8, 'm');
        Sys.Shared(Told) = Sys.Shared(Answered) = 0;
        if (Sys.Child() == 0)
        {
            Linux.Call(Sys.SetUser, 1000);
            long wrong = 0;
            for (int round = 1; round <= Rounds * 10; round++)
            {
                Await(Told, round);
                for (int time = 0; time < 15; time++)
                {
                    long file = Sys.Open("/tmp/p/mode"u8);
                    wrong += (round & 1) != 0 ? file == -13 ? 0 : 1 : Sys.Read(file) == 'm' ? 0 : 1;
                    if (file >= 0)
                        Sys.Close(file);
                }

                Volatile.Write(ref Sys.Shared(Answered), round);
            }

            Linux.Exit((int)wrong);
        }

        for (int round = 1; round <= Rounds * 10; round++)
        {
            Sys.Path(Sys.ChangeMode, "/tmp/p/mode"u8, (round & 1) != 0 ? 0x180 : 0x1A4);
            Volatile.Write(ref Sys.Shared(Told), round);
            Await(Answered, round);
        }

        Report.Number("modes"u8, Sys.Wait());
    }

    private static void Await(int index, long value)
    {
        while (Volatile.Read(ref Sys.Shared(index)) < value)
            Sys.GiveWay();
    }
}
