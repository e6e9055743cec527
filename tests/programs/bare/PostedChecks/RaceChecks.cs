using System;
using System.Threading;
using Bare;

namespace PostedChecks;

/// <summary>Files that change while others open them: what is always there is always opened, what was done is seen by whoever opens afterwards.</summary>
internal static class RaceChecks
{
    private const int Readers = 3, Rounds = 1500, BeforeGivingWay = 20;
    private const int Stop = 0, Done = 1, Looks = 2, Begun = 3, FirstWrong = 4;

    public static void Run()
    {
        Sys.Path(Sys.MakeDirectory, "/tmp/q"u8, 0x1ED);
        Race("a file that is replaced"u8, 0);
        Race("a file that comes and goes"u8, 1);
        Race("a file that is closed and opened to others"u8, 2);
        Race("a directory that is closed and opened to others"u8, 3);
        Race("a directory that is made and removed"u8, 4);
        Race("a second name"u8, 5);
        Rivals("several that make and remove one name"u8, 0);
        Rivals("several that link and unlink one name"u8, 1);
        Rivals("several that move one file to and fro"u8, 2);
        Rivals("several that make one file exclusively"u8, 3);
    }

    private static void Race(ReadOnlySpan<byte> name, int kind)
    {
        for (int index = 0; index <= FirstWrong; index++)
            Sys.Shared(index) = 0;
        Prepare();
        for (int reader = 0; reader < Readers; reader++)
        {
            if (Sys.Child() == 0)
                Linux.Exit(Read(kind));
        }

        // All readers have opened it so often that it goes another way.
        while (Volatile.Read(ref Sys.Shared(Looks)) < Readers * 30)
            Sys.GiveWay();
        long failures = 0;
        for (int round = 1; round <= Rounds; round++)
        {
            Volatile.Write(ref Sys.Shared(Begun), round);
            failures += Write(kind, round) == 0 ? 0 : 1;
            Volatile.Write(ref Sys.Shared(Done), round);
            if (round % BeforeGivingWay == 0)
                Sys.GiveWay();
        }

        Volatile.Write(ref Sys.Shared(Stop), 1);
        long wrong = 0;
        for (int reader = 0; reader < Readers; reader++)
            wrong += Sys.Wait();
        Report.Number(name, wrong);
        Report.Number(" first wrong answer"u8, Sys.Shared(FirstWrong));
        Report.Number(" failures of the writer"u8, failures);
    }

    private static void Prepare()
    {
        Sys.Make("/tmp/q/x"u8, 0);
        Sys.Path(Sys.Unlink, "/tmp/q/comes"u8);
        Sys.Make("/tmp/q/mode"u8, 1);
        Sys.Path(Sys.ChangeMode, "/tmp/q/mode"u8, 0x1A4);
        Sys.Path(Sys.MakeDirectory, "/tmp/q/dir"u8, 0x1ED);
        Sys.Path(Sys.ChangeMode, "/tmp/q/dir"u8, 0x1ED);
        Sys.Make("/tmp/q/dir/f"u8, 1);
    }

    private static long Write(int kind, int round)
    {
        switch (kind)
        {
            case 0:
                Sys.Make("/tmp/q/t"u8, round);
                return Sys.Two(Sys.Rename, "/tmp/q/t"u8, "/tmp/q/x"u8);
            case 1:
                return round % 2 == 1 ? Sys.Make("/tmp/q/comes"u8, round) : Sys.Path(Sys.Unlink, "/tmp/q/comes"u8);
            case 4:
                return Sys.Path(round % 2 == 1 ? Sys.MakeDirectory : Sys.RemoveDirectory, "/tmp/q/made"u8, 0x1ED);
            case 5:
                return round % 2 == 1 ? Sys.Two(Sys.HardLink, "/tmp/q/x"u8, "/tmp/q/second"u8) : Sys.Path(Sys.Unlink, "/tmp/q/second"u8);
            case 2:
                return Sys.Path(Sys.ChangeMode, "/tmp/q/mode"u8, round % 2 == 1 ? 0x180 : 0x1A4);
            default:
                return Sys.Path(Sys.ChangeMode, "/tmp/q/dir"u8, round % 2 == 1 ? 0x1C0 : 0x1ED);
        }
    }

    // Looks seldom, so that names mostly change without a request.
    private static int Count(int kind)
    {
        int wrong = 0;
        while (Volatile.Read(ref Sys.Shared(Stop)) == 0)
        {
            long done = Volatile.Read(ref Sys.Shared(Done));
            long links = Sys.Links(kind == 4 ? "/tmp/q/made"u8 : "/tmp/q/second"u8);
            long begun = Volatile.Read(ref Sys.Shared(Begun));
            bool isOdd = (done & 1) != 0;
            // Who has found the name just before it went may be told of one link less, as Linux does; which takes a directory's two one after the other.
            bool isWrong = done == begun ? links != (isOdd ? 2 : -2) : links is not (2 or 1 or -2) && (kind != 4 || links != 0);
            if (isWrong && wrong++ == 0)
                Sys.Shared(FirstWrong) = 1_000_000_000 + done * 100_000 + 10 + links;
            wrong = wrong < 100 ? wrong : 100;
            Interlocked.Increment(ref Sys.Shared(Looks));
            for (int count = 0; count < BeforeGivingWay; count++)
                Sys.GiveWay();
        }

        return wrong;
    }

    // All change the same names, and some get a permit for a time: each call that succeeds has done what it says, once.
    private static void Rivals(ReadOnlySpan<byte> name, int kind)
    {
        const int rivals = 3, rounds = 400;
        Sys.Shared(Done) = 0;
        Prepare();
        Sys.Path(Sys.RemoveDirectory, "/tmp/q/made"u8);
        Sys.Path(Sys.Unlink, "/tmp/q/second"u8);
        for (int rival = 0; rival < rivals; rival++)
        {
            if (Sys.Child() != 0)
                continue;
            for (int round = 0; round < rounds; round++)
            {
                long forth = kind switch
                {
                    0 => Sys.Path(Sys.MakeDirectory, "/tmp/q/made"u8, 0x1ED),
                    1 => Sys.Two(Sys.HardLink, "/tmp/q/x"u8, "/tmp/q/second"u8),
                    2 => Sys.Two(Sys.Rename, "/tmp/q/x"u8, "/tmp/q/second"u8),
                    _ => Sys.Make("/tmp/q/second"u8, rival, flags: Sys.WriteOnly | Sys.CreateNew | Sys.Exclusive),
                };
                long back = kind switch
                {
                    0 => Sys.Path(Sys.RemoveDirectory, "/tmp/q/made"u8),
                    1 or 3 => Sys.Path(Sys.Unlink, "/tmp/q/second"u8),
                    _ => Sys.Two(Sys.Rename, "/tmp/q/second"u8, "/tmp/q/x"u8),
                };
                Interlocked.Add(ref Sys.Shared(Done), (forth == 0 ? 1 : 0) - (back == 0 ? 1 : 0));
                if (round % (100 * (rival + 1)) == 0)
                    Sys.Sleep(1_000_000);
            }

            Linux.Exit(0);
        }

        long ended = 0;
        for (int rival = 0; rival < rivals; rival++)
            ended += Sys.Wait();
        long left = kind == 0 ? Sys.Links("/tmp/q/made"u8) == 2 ? 1 : 0 : Sys.Links("/tmp/q/second"u8) > 0 ? 1 : 0;
        Report.Number(name, Sys.Shared(Done) - left);
        Report.Number(" of children"u8, ended);
        Sys.Path(Sys.RemoveDirectory, "/tmp/q/made"u8);
        Sys.Path(Sys.Unlink, "/tmp/q/second"u8);
    }

    private static int Read(int kind)
    {
        if (kind is 2 or 3)
            Linux.Call(Sys.SetUser, 1000);
        int wrong = 0;
        if (kind > 3)
            return Count(kind);
        while (Volatile.Read(ref Sys.Shared(Stop)) == 0)
        {
            long done = Volatile.Read(ref Sys.Shared(Done));
            long file = kind switch
            {
                0 => Sys.Open("/tmp/q/x"u8),
                1 => Sys.Open("/tmp/q/comes"u8),
                2 => Sys.Open("/tmp/q/mode"u8),
                _ => Sys.Open("/tmp/q/dir/f"u8),
            };
            // What had been done before the open is seen, and nothing that is begun after it. As many as that: nothing changed meanwhile.
            long begun = Volatile.Read(ref Sys.Shared(Begun));
            long number = file >= 0 ? Sys.ReadNumberOf(file) : 0;
            if (file >= 0 && Sys.Close(file) != 0)
                wrong++;
            bool isOdd = (done & 1) != 0;
            bool isWrong = kind switch
            {
                0 => file < 0 || number < done || number > begun,
                1 => file < 0 ? file != -2 || (done == begun && isOdd) : (done == begun && !isOdd) || (number is not -1000 && number < done - 1),
                _ => file < 0 ? file != -13 || (done == begun && !isOdd) : number != 1 || (done == begun && isOdd),
            };
            if (isWrong && wrong++ == 0)
                Sys.Shared(FirstWrong) = 1_000_000_000 + done * 100_000 + (file < 0 ? -file : 1000 + number);
            wrong = wrong < 100 ? wrong : 100;
            if (Interlocked.Increment(ref Sys.Shared(Looks)) % BeforeGivingWay == 0)
                Sys.GiveWay();
        }

        return wrong;
    }
}
