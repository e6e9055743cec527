using Bare;
using ConnectionChecks;
using Hostile;

namespace StreamChecks;

/// <summary>Many processes at pipes: nothing is lost, doubled or torn, whoever is killed or stopped.</summary>
internal static class StressChecks
{
    private const int Stop = 19, Continue = 18, Writers = 8, Laps = 300, BlockWords = Streams.PageLength / 8;
    private const long NumberOfKill = 62;

    /// <summary>A number goes round through processes, each of which adds one.</summary>
    public static void Ring()
    {
        const int members = 8;
        var reads = new int[members + 1];
        var writes = new int[members + 1];
        for (int index = 0; index <= members; index++)
            Streams.Create(out reads[index], out writes[index]);
        var children = new int[members];
        long memory = Streams.Memory(Streams.PageLength);
        for (int index = 0; index < members; index++)
        {
            children[index] = Sys.Fork();
            if (children[index] != 0)
                continue;
            for (int lap = 0; lap < Laps; lap++)
            {
                if (Streams.Read(reads[index], memory, 8) != 8)
                    Linux.Exit(1);
                Sys.Word(memory)++;
                Streams.Write(writes[index + 1], memory, 8);
            }

            Linux.Exit(0);
        }

        Sys.Word(memory) = 0;
        for (int lap = 0; lap < Laps; lap++)
        {
            Streams.Write(writes[0], memory, 8);
            Streams.Read(reads[members], memory, 8);
        }

        Report.Number("round"u8, (long)Sys.Word(memory));
        int failed = 0;
        for (int index = 0; index < members; index++)
            failed += Sys.Wait(children[index]);
        Report.Number("failed"u8, failed);
    }

    /// <summary>Writers of blocks of PIPE_BUF bytes are killed at any moment: each block that arrives is whole.</summary>
    public static void Killed()
    {
        const int kills = 60;
        Streams.Create(out int read, out int write);
        long memory = Streams.Memory(Streams.PageLength);
        int reader = Sys.Fork();
        if (reader == 0)
        {
            Sys.Close(write);
            Linux.Exit(CountTorn(read, memory));
        }

        Sys.Close(read);
        var chance = new Chance(5);
        var children = new int[Writers];
        for (int index = 0; index < Writers; index++)
            children[index] = StartWriter(write, memory, (ulong)index);
        for (int kill = 0; kill < kills; kill++)
        {
            if (chance.Below(3) == 0)
                Sys.Sleep((int)chance.Below(4));
            int index = (int)chance.Below(Writers);
            Sys.Kill(children[index]);
            Sys.Wait(children[index]);
            children[index] = StartWriter(write, memory, (ulong)(kill + Writers));
        }

        for (int index = 0; index < Writers; index++)
        {
            Sys.Kill(children[index]);
            Sys.Wait(children[index]);
        }

        Sys.Close(write);
        Report.Number("torn"u8, Sys.Wait(reader));
    }

    /// <summary>Writers and readers are stopped and go on, at any moment: nothing is lost, and nothing torn.</summary>
    public static void Stopped()
    {
        const int each = 400, stops = 60;
        Streams.Create(out int read, out int write);
        long memory = Streams.Memory(Streams.PageLength);
        var children = new int[Writers];
        for (int index = 0; index < Writers; index++)
        {
            children[index] = Sys.Fork();
            if (children[index] != 0)
                continue;
            for (int round = 0; round < each; round++)
                WriteBlock(write, memory, (ulong)(index * each + round));
            Linux.Exit(0);
        }

        Sys.Close(write);
        int stopper = Sys.Fork();
        if (stopper == 0)
        {
            var chance = new Chance(7);
            for (int stop = 0; stop < stops; stop++)
            {
                int child = children[chance.Below(Writers)];
                Linux.Call(NumberOfKill, child, Stop);
                Sys.Sleep((int)chance.Below(3));
                Linux.Call(NumberOfKill, child, Continue);
            }

            Linux.Exit(0);
        }

        int blocks = 0, torn = 0;
        ulong sum = 0;
        while (ReadBlock(read, memory))
        {
            blocks++;
            torn += IsWhole(memory) ? 0 : 1;
            sum += Sys.Word(memory);
        }

        Report.Number("blocks"u8, blocks);
        Report.Number("torn"u8, torn);
        Report.Number("sum"u8, (long)sum);
        int failed = Sys.Wait(stopper);
        for (int index = 0; index < Writers; index++)
            failed += Sys.Wait(children[index]);
        Report.Number("failed"u8, failed);
    }

    /// <summary>Random lengths, by two ways at once, in order.</summary>
    public static void Much()
    {
        const long total = 24 << 20;
        Streams.Create(out int read, out int write);
        long memory = Streams.Memory(4 * Streams.Capacity);
        int writer = Sys.Fork();
        var chance = new Chance(13);
        long at = 0;
        if (writer == 0)
        {
            Sys.Close(read);
            while (at < total)
            {
                int length = Length(ref chance, total - at);
                for (int index = 0; index < length; index += 8)
                    Sys.Word(memory + index) = Mix((ulong)(at + index) / 8);
                long done = Streams.Write(write, memory, length);
                if (done != length)
                    Linux.Exit(1);
                at += done;
            }

            Linux.Exit(0);
        }

        Sys.Close(write);
        int wrong = 0, part = 0;
        chance = new Chance(17);
        for (;;)
        {
            long got = Streams.Read(read, memory + part, Length(ref chance, total));
            if (got <= 0)
                break;
            int have = part + (int)got;
            for (int index = 0; index + 8 <= have; index += 8)
                wrong += Sys.Word(memory + index) == Mix((ulong)(at + index) / 8) ? 0 : 1;
            part = have % 8;
            ulong rest = Sys.Word(memory + have - part);
            Sys.Word(memory) = rest;
            at += have - part;
        }

        Report.Number("moved"u8, at + part);
        Report.Number("wrong"u8, wrong);
        Report.Number("the writer"u8, Sys.Wait(writer));
    }

    private static int Length(ref Chance chance, long most)
    {
        long length = chance.Below(4) switch
        {
            0 => 8 + chance.Below(64),
            1 => Streams.PageLength,
            2 => chance.Below(9000),
            _ => chance.Below(3 * Streams.Capacity),
        };
        length = length < most ? length : most;
        return (int)(length & ~7) == 0 ? 8 : (int)(length & ~7);
    }

    private static ulong Mix(ulong value) => (value + 1) * 0x9E37_79B9_7F4A_7C15;

    private static int StartWriter(int write, long memory, ulong number)
    {
        int child = Sys.Fork();
        for (ulong round = 0; child == 0; round++)
            WriteBlock(write, memory, number << 32 | round);
        return child;
    }

    private static void WriteBlock(int write, long memory, ulong value)
    {
        for (int index = 0; index < BlockWords; index++)
            Sys.Word(memory + index * 8) = value;
        if (Streams.Write(write, memory, Streams.PageLength) != Streams.PageLength)
            Linux.Exit(9);
    }

    private static bool ReadBlock(int read, long memory)
    {
        for (int have = 0; have < Streams.PageLength;)
        {
            long got = Streams.Read(read, memory + have, Streams.PageLength - have);
            if (got <= 0)
                return false;
            have += (int)got;
        }

        return true;
    }

    private static bool IsWhole(long memory)
    {
        for (int index = 1; index < BlockWords; index++)
        {
            if (Sys.Word(memory + index * 8) != Sys.Word(memory))
                return false;
        }

        return true;
    }

    private static int CountTorn(int read, long memory)
    {
        int torn = 0, blocks = 0;
        while (ReadBlock(read, memory))
        {
            blocks++;
            torn += IsWhole(memory) ? 0 : 1;
        }

        return blocks == 0 ? 100 : torn;
    }
}
