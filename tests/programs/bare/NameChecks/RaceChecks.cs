using System;
using System.Threading;
using Bare;

namespace NameChecks;

/// <summary>Names that change while others look: what is always there is always found, and what has been done is seen by whoever looks afterwards.</summary>
internal static class RaceChecks
{
    // With one CPU for all, each gets its turn; preemption does the rest.
    private const int Readers = 3, Rounds = 1500, BeforeGivingWay = 20;
    private const int Stop = 0, Done = 1, Looks = 2, Begun = 3, FirstWrong = 4;

    public static void Run()
    {
        Sys.Path(Sys.MakeDirectory, "/tmp/r"u8, 0x1ED);
        Race("a name that is replaced is never missing"u8, 0);
        Race("names below directories that are swapped are never missing"u8, 1);
        Race("a length that has been written is seen"u8, 2);
        Race("a name that comes and goes"u8, 3);
        Race("a directory that is closed and opened"u8, 4);
    }

    private static void Race(ReadOnlySpan<byte> name, int kind)
    {
        Sys.Shared(Stop) = Sys.Shared(Done) = Sys.Shared(Looks) = Sys.Shared(Begun) = Sys.Shared(FirstWrong) = 0;
        Prepare(kind);
        for (int reader = 0; reader < Readers; reader++)
        {
            if (Sys.Child() == 0)
                Linux.Exit(Read(kind));
        }

        // All readers have looked at least once.
        while (Volatile.Read(ref Sys.Shared(Looks)) < Readers * 10)
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

    private static void Prepare(int kind)
    {
        Sys.Append("/tmp/r/x"u8, 1);
        Sys.Path(Sys.MakeDirectory, "/tmp/r/one"u8, 0x1ED);
        Sys.Path(Sys.MakeDirectory, "/tmp/r/two"u8, 0x1ED);
        Sys.Append("/tmp/r/one/f"u8, 1);
        Sys.Append("/tmp/r/two/f"u8, 1);
        Sys.Path(Sys.Unlink, "/tmp/r/grows"u8);
        Sys.Append("/tmp/r/grows"u8, 0);
        Sys.Path(Sys.Unlink, "/tmp/r/comes"u8);
        if (kind == 4)
            Sys.Path(Sys.ChangeMode, "/tmp/r/one"u8, 0x1ED);
    }

    private static long Write(int kind, int round)
    {
        switch (kind)
        {
            case 0:
                Sys.Append("/tmp/r/t"u8, 1);
                return Sys.Two(Sys.Rename, "/tmp/r/t"u8, "/tmp/r/x"u8);
            case 1:
                return Sys.Exchange("/tmp/r/one"u8, "/tmp/r/two"u8);
            case 2:
                return Sys.Append("/tmp/r/grows"u8, 1) - 1;
            case 3:
                return round % 2 == 1 ? Sys.Append("/tmp/r/comes"u8, 1) - 1 : Sys.Path(Sys.Unlink, "/tmp/r/comes"u8);
            default:
                return Sys.Path(Sys.ChangeMode, "/tmp/r/one"u8, round % 2 == 1 ? 0x1C0 : 0x1ED);
        }
    }

    private static int Read(int kind)
    {
        if (kind == 4)
            Linux.Call(Sys.SetUser, 1000);
        int wrong = 0;
        while (Volatile.Read(ref Sys.Shared(Stop)) == 0)
        {
            long done = Volatile.Read(ref Sys.Shared(Done));
            long size = 0;
            long result = kind switch
            {
                0 => Sys.Look(Sys.Stat, "/tmp/r/x"u8, out _, out _),
                1 => Sys.Look(Sys.Stat, "/tmp/r/one/../two/f"u8, out _, out _),
                2 => Sys.Look(Sys.Stat, "/tmp/r/grows"u8, out _, out size),
                3 => Sys.Look(Sys.Stat, "/tmp/r/comes"u8, out _, out _),
                _ => Sys.Look(Sys.Stat, "/tmp/r/one/f"u8, out _, out _),
            };
            // What had been done before the look is seen, and nothing that is begun after it. As many as that: nothing changed meanwhile.
            long begun = Volatile.Read(ref Sys.Shared(Begun));
            bool isWrong = kind switch
            {
                2 => result != 0 || size < done || size > begun,
                3 => result is not (0 or -2) || (done == begun && result != (done % 2 == 1 ? 0 : -2)),
                4 => result is not (0 or -13) || (done == begun && result != (done % 2 == 1 ? -13 : 0)),
                _ => result != 0,
            };
            if (isWrong && wrong++ == 0)
                Sys.Shared(FirstWrong) = 1_000_000 + done * 100 - result;
            wrong = wrong < 100 ? wrong : 100;
            if (Interlocked.Increment(ref Sys.Shared(Looks)) % BeforeGivingWay == 0)
                Sys.GiveWay();
        }

        return wrong;
    }
}
