using Bare;
using ConnectionChecks;
using Hostile;
using Libsys.Abi;
using Libsys.Messages;

namespace StreamChecks;

/// <summary>What a program may do to the streams that it has mapped, and what it may not do to others. Each attack is a child.</summary>
internal static class HostileChecks
{
    private const int Rounds = 300, Ends = 4;
    private const ulong ReaderSide = StreamLayout.ReaderSide, WriterSide = StreamLayout.WriterSide;

    public static int Run()
    {
        Streams.CreateUsed(out int read, out int write, Sys.NonBlock);
        Attack("a reader scribbles"u8, 0, read, write);
        Attack("a writer scribbles"u8, 1, read, write);
        Attack("a reader scribbles while others use it"u8, 2, read, write);
        Attack("a writer scribbles while others use it"u8, 3, read, write);
        Attack("a reader makes more writable"u8, 4, read, write);
        Attack("a writer makes more writable"u8, 5, read, write);
        Attack("a reader writes what it may not"u8, 6, read, write);
        Attack("a writer writes what it may not"u8, 7, read, write);
        Attack("unmaps under its own feet"u8, 8, read, write);
        Attack("locks and ends"u8, 9, read, write);
        Attack("maps and never unmaps"u8, 10, read, write);
        while (Sys.Read(read, 8) > 0)
        {
        }

        Report.Number("mine still works"u8, Sys.Write(write, "ok"u8) * 10000 + Sys.Read(read, 8));
        return 0;
    }

    private static void Attack(System.ReadOnlySpan<byte> name, int kind, int read, int write)
    {
        int child = Sys.Fork();
        if (child == 0)
            Linux.Exit(Begin(kind, read, write));
        Report.Number(name, Sys.Wait(child));
    }

    private static int Begin(int kind, int read, int write)
    {
        switch (kind)
        {
            case 0: return Scribble(ReaderSide);
            case 1: return Scribble(WriterSide);
            case 2: return ScribbleBeside(ReaderSide);
            case 3: return ScribbleBeside(WriterSide);
            case 4: return MakeWritable(isReader: true);
            case 5: return MakeWritable(isReader: false);
            case 6: return WriteForbidden(isReader: true);
            case 7: return WriteForbidden(isReader: false);
            case 8: return Unmap();
            case 9: return HoldAndEnd(read, write);
            default: return Hoard();
        }
    }

    // Any values in a side, and all calls on it.
    private static int Scribble(ulong side)
    {
        Streams.CreateUsed(out int read, out int write, Sys.NonBlock);
        long memory = Streams.Memory(2 * Streams.Capacity);
        ulong place = side == ReaderSide ? Find(true) : Find(false);
        var chance = new Chance(11);
        for (int round = 0; round < Rounds; round++)
        {
            for (ulong offset = 0; offset < 96; offset += sizeof(uint))
                Gate.Half(place + side + offset) = round % 3 == 0 ? uint.MaxValue - (uint)(round % 5) : (uint)chance.Next();
            // A lock that nobody lets go stops its side only.
            if (round % 2 == 0)
                Gate.Half(place + side + StreamSide.Lock) = 0;
            Streams.Ready(read, Sys.In);
            Streams.Ready(write, Sys.Out);
            Streams.Write(write, memory, 1 + (int)chance.Below(70000));
            Streams.Read(read, memory, 1 + (int)chance.Below(70000));
            Sys.Control(read, 0x541B, 0);
        }

        Sys.Close(read);
        Sys.Close(write);
        return 0;
    }

    private static int ScribbleBeside(ulong side)
    {
        Streams.Create(out int read, out int write, Sys.NonBlock);
        Streams.Create(out int told, out int tell);
        long memory = Streams.Memory(2 * Streams.Capacity);
        int child = Sys.Fork();
        if (child == 0)
        {
            Streams.Use(read, write);
            ulong place = Find(side == ReaderSide);
            Sys.Write(tell, "!"u8);
            for (uint round = 0; ; round++)
                Gate.Half(place + side + round % 3 * sizeof(uint)) = round * 0x9E37_79B1;
        }

        Sys.Read(told, 1);
        for (int round = 0; round < Rounds; round++)
        {
            Streams.Ready(read, Sys.In);
            // Neither side waits for the other's lies.
            if (side == WriterSide)
                Streams.Read(read, memory, 5000);
            else
                Streams.Write(write, memory, 5000);
        }

        Sys.Kill(child);
        return Sys.Wait(child) == 1009 ? 0 : 1;
    }

    // By the gate: protection of what was mapped to read only.
    private static int MakeWritable(bool isReader)
    {
        Streams.CreateUsed(out _, out _);
        ulong place = Find(isReader);
        const ulong page = StreamLayout.PageLength, writable = (ulong)(MapFlags.Read | MapFlags.Write);
        int wrong = Gate.Call(KernelCall.SpaceProtect, WellKnownHandle.Self, place, page, writable) < 0 ? 0 : 1;
        ulong forbidden = isReader ? StreamLayout.Data : ReaderSide, length = isReader ? StreamLayout.Length - StreamLayout.Data : page;
        wrong += Gate.Call(KernelCall.SpaceProtect, WellKnownHandle.Self, place + forbidden, length, writable) < 0 ? 0 : 2;
        ulong elsewhere = Window.StreamOf(30);
        wrong += Gate.Call(KernelCall.SpaceMove, WellKnownHandle.Self, place + forbidden, length, elsewhere) == 0 ? 0 : 4;
        wrong += Gate.Call(KernelCall.SpaceProtect, WellKnownHandle.Self, elsewhere, length, writable) < 0 ? 0 : 8;
        return wrong;
    }

    private static int WriteForbidden(bool isReader)
    {
        Streams.CreateUsed(out _, out _);
        ulong place = Find(isReader);
        int faults = 0;
        ulong[] offsets = isReader ? [0, StreamLayout.Watched, StreamLayout.Data, WriterSide] : [0, StreamLayout.Watched, ReaderSide, ReaderSide + 64];
        for (int index = 0; index < Ends; index++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                // Mapped anew: a fork leaves mappings out.
                Streams.CreateUsed(out _, out _);
                Gate.Half(Find(isReader) + offsets[index]) = 1;
                Linux.Exit(0);
            }

            faults += Sys.Wait(child) == 1011 ? 1 : 0;
        }

        return place != 0 && faults == Ends ? 0 : 1;
    }

    // That ends it, and nobody else.
    private static int Unmap()
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Streams.CreateUsed(out int read, out int write);
            Gate.Call(KernelCall.SpaceUnmap, WellKnownHandle.Self, Find(true), StreamLayout.Length);
            Sys.Write(write, "x"u8);
            Sys.Read(read, 1);
            Linux.Exit(0);
        }

        return Sys.Wait(child) is 0 or > 1000 ? 0 : 1;
    }

    // Others go on, and what was not published is not there.
    private static int HoldAndEnd(int read, int write)
    {
        Streams.Create(out int told, out int tell);
        int child = Sys.Fork();
        if (child == 0)
        {
            Streams.Use(read, write);
            ulong place = Find(false);
            Gate.Half(place + WriterSide + StreamSide.Lock) = 0x3FFF_FFF0; // nobody's number
            Gate.Half(place + StreamLayout.Data) = 0x21212121;
            Sys.Write(tell, "!"u8);
            Sys.Sleep(50);
            Linux.Exit(0);
        }

        Sys.Read(told, 1);
        long written = Sys.Write(write, "w"u8);
        Sys.Wait(child);
        return written == 1 && Sys.Read(read, 8) == 1000 + 'w' ? 0 : 1;
    }

    // More streams than there may be, and, in each of some processes at a time, more than a space can have: what is refused works by requests.
    private static int Hoard()
    {
        const int others = 3;
        Streams.Create(out int told, out int tell);
        Streams.Create(out int mayLeave, out int leave);
        var children = new int[others];
        for (int index = 0; index < others; index++)
        {
            children[index] = Sys.Fork();
            if (children[index] != 0)
                continue;
            Sys.Close(leave);
            int found = HoardAlone();
            Sys.Write(tell, "!"u8);
            Sys.Read(mayLeave, 1);
            Linux.Exit(found);
        }

        int wrong = HoardAlone();
        for (int index = 0; index < others; index++)
            Sys.Read(told, 1);
        Sys.Close(leave);
        for (int index = 0; index < others; index++)
            wrong += Sys.Wait(children[index]);
        return wrong;
    }

    private static int HoardAlone()
    {
        const int pipes = 200, uses = 10;
        int wrong = 0;
        for (int index = 0; index < pipes; index++)
        {
            Streams.Create(out int read, out int write);
            for (int use = 0; use < uses; use++)
                wrong += Sys.Write(write, "h"u8) == 1 && Sys.Read(read, 8) == 1000 + 'h' ? 0 : 1;
        }

        return wrong == 0 ? 0 : 1;
    }

    // The place of the last mapped end that may write the reader's page, or the data.
    private static ulong Find(bool isReader)
    {
        ulong found = 0;
        for (uint index = 0; index < Window.StreamCount; index++)
            found = IsAt(index, isReader) ? Window.StreamOf(index) : found;
        return found;
    }

    private static bool IsAt(uint index, bool isReader)
    {
        ulong at = Window.StreamOf(index) + (isReader ? ReaderSide : StreamLayout.Data);
        return (ulong)Gate.Call(KernelCall.SpaceQuery, WellKnownHandle.Self, at) == at && (Gate.MessageWord(2) & (ulong)MapFlags.Write) != 0;
    }
}
