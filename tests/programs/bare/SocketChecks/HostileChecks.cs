using Bare;
using ConnectionChecks;
using Hostile;
using Libsys.Abi;
using Libsys.Messages;

namespace SocketChecks;

/// <summary>What a program may do to the streams of a socket that it has mapped, and what it may not do to the other side. Each attack is a child.</summary>
internal static class HostileChecks
{
    private const int Rounds = 300;
    private const ulong ReaderSide = StreamLayout.ReaderSide, WriterSide = StreamLayout.WriterSide;

    // Of the sockets.
    private static int type;

    public static int Run()
    {
        Attacks(Sockets.Stream);
        Attacks(Sockets.Datagram);
        Attacks(Sockets.Packet);
        return 0;
    }

    private static void Attacks(int kind)
    {
        type = kind;
        Create(out int first, out int second, Sockets.NonBlock);
        Attack("scribbles"u8, 0, first, second);
        Attack("scribbles while the other side uses it"u8, 1, first, second);
        Attack("makes more writable"u8, 2, first, second);
        Attack("writes what it may not"u8, 3, first, second);
        Attack("ends in the middle"u8, 4, first, second);
        Attack("maps and never unmaps"u8, 5, first, second);
        Report.Number("mine still works"u8, Sys.Write(first, "ok"u8) * 10000 + Sys.Read(second, 8));
        Sys.Close(first);
        Sys.Close(second);
    }

    private static void Create(out int first, out int second, int flags = 0)
    {
        if (type == Sockets.Stream)
            StreamChecks.Create(true, out first, out second, flags);
        else
            MessageChecks.Create(type, true, out first, out second, flags);
    }

    private static void Attack(System.ReadOnlySpan<byte> name, int kind, int first, int second)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Linux.Exit(kind switch
            {
                0 => Scribble(),
                1 => ScribbleBeside(),
                2 => MakeWritable(),
                3 => WriteForbidden(),
                4 => EndInTheMiddle(first, second),
                _ => Hoard(),
            });
        }

        Report.Number(name, Sys.Wait(child));
    }

    // Any values in all words of both directions, and all calls on them, with descriptors too.
    private static int Scribble()
    {
        Create(out int first, out int second, Sockets.NonBlock);
        ulong incoming = Find(true), outgoing = Find(false);
        if (incoming == 0 || outgoing == 0)
            return 2;
        var chance = new Chance(11);
        for (int round = 0; round < Rounds; round++)
        {
            // Messages that are sent with descriptors, or where a liar has left no room, are in memory no more.
            if (type != Sockets.Stream && round % 10 == 9)
            {
                Sys.Close(first);
                Sys.Close(second);
                Create(out first, out second, Sockets.NonBlock);
                incoming = Find(true);
                outgoing = Find(false);
            }

            for (ulong offset = 0; offset < 96; offset += sizeof(uint))
            {
                Gate.Half(incoming + ReaderSide + offset) = round % 3 == 0 ? uint.MaxValue - (uint)(round % 5) : (uint)chance.Next();
                Gate.Half(outgoing + WriterSide + offset) = (uint)chance.Next();
            }

            // A lock that nobody lets go stops its side only.
            if (round % 2 == 0)
                Gate.Half(incoming + ReaderSide + StreamSide.Lock) = Gate.Half(outgoing + WriterSide + StreamSide.Lock) = 0;
            int most = type == Sockets.Stream ? 70000 : round % 7 == 0 ? 70000 : 4000;
            Sys.Want(0, first, Sys.In | Sys.Out);
            Sys.Want(1, second, Sys.In);
            Sys.Poll(2, 0);
            Sockets.SendLength(first, 1 + (int)chance.Below((uint)most), Sockets.DontWait);
            Sockets.SendLength(second, 1 + (int)chance.Below((uint)most), Sockets.DontWait);
            if (type == Sockets.Stream || round % 10 == 8)
                Sockets.SendRights(first, "x"u8, second, first, Sockets.DontWait);
            Sockets.Receive(second, 1 + (int)chance.Below((uint)most), Sockets.DontWait);
            Sockets.Receive(first, 1 + (int)chance.Below((uint)most), Sockets.DontWait);
            if (Sockets.ReceiveControl(second, 100, 24, Sockets.DontWait) >= 0 && Sockets.ReceivedLength == 24)
            {
                Sys.Close(Sockets.ControlWord(16));
                Sys.Close(Sockets.ControlWord(20));
            }

            Sys.Control(first, 0x541B, 0);
        }

        Sys.Close(first);
        Sys.Close(second);
        return 0;
    }

    private static int ScribbleBeside()
    {
        Sockets.Pair(type, out int first, out int second, Sockets.NonBlock);
        Sys.Pipe(out int told, out int tell);
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(second);
            for (int round = 0; round < 40; round++)
            {
                Sys.Write(first, "u"u8);
                Sys.Read(first, 1);
            }

            ulong incoming = Find(true), outgoing = Find(false);
            Sys.Write(tell, "!"u8);
            for (uint round = 0; ; round++)
            {
                Gate.Half(incoming + ReaderSide + round % 4 * sizeof(uint)) = round * 0x9E37_79B1;
                Gate.Half(outgoing + WriterSide + round % 4 * sizeof(uint)) = round * 0x9E37_79B1;
            }
        }

        Sys.Close(first);
        Sys.Read(told, 1);
        for (int round = 0; round < Rounds; round++)
        {
            Sys.Want(0, second, Sys.In);
            Sys.Poll(1, 0);
            Sockets.SendLength(second, 5000, Sockets.DontWait | Sockets.NoSignal);
            Sockets.Receive(second, 5000, Sockets.DontWait);
        }

        Sys.Kill(child);
        return Sys.Wait(child) == 1009 ? 0 : 1;
    }

    // By the gate: protection of what was mapped to read only.
    private static int MakeWritable()
    {
        Create(out _, out _);
        const ulong page = StreamLayout.PageLength, writable = (ulong)(MapFlags.Read | MapFlags.Write);
        ulong incoming = Find(true), outgoing = Find(false);
        int wrong = incoming != 0 && outgoing != 0 ? 0 : 16;
        wrong += Gate.Call(KernelCall.SpaceProtect, WellKnownHandle.Self, incoming, page, writable) < 0 ? 0 : 1;
        wrong += Gate.Call(KernelCall.SpaceProtect, WellKnownHandle.Self, outgoing, page, writable) < 0 ? 0 : 2;
        wrong += Gate.Call(KernelCall.SpaceProtect, WellKnownHandle.Self, incoming + StreamLayout.Data, StreamLayout.Length - StreamLayout.Data, writable) < 0
            ? 0 : 4;
        wrong += Gate.Call(KernelCall.SpaceProtect, WellKnownHandle.Self, outgoing + ReaderSide, page, writable) < 0 ? 0 : 8;
        return wrong;
    }

    // The owner's words, what comes in, and how far the other side has read.
    private static int WriteForbidden()
    {
        int faults = 0;
        for (int kind = 0; kind < 4; kind++)
        {
            int child = Sys.Fork();
            if (child == 0)
            {
                Create(out _, out _);
                ulong at = kind switch
                {
                    0 => Find(true) + StreamLayout.Asks,
                    1 => Find(false) + StreamLayout.Mark,
                    2 => Find(true) + StreamLayout.Data,
                    _ => Find(false) + ReaderSide,
                };
                Gate.Half(at) = 1;
                Linux.Exit(0);
            }

            faults += Sys.Wait(child) == 1011 ? 1 : 0;
        }

        return faults == 4 ? 0 : 1;
    }

    // What was not published is not there, and its lock goes with it.
    private static int EndInTheMiddle(int first, int second)
    {
        Sys.Pipe(out int told, out int tell);
        int child = Sys.Fork();
        if (child == 0)
        {
            for (int round = 0; round < 40; round++)
            {
                Sys.Write(first, "u"u8);
                Sys.Read(second, 1);
                Sys.Read(first, 1);
            }

            ulong outgoing = Find(false);
            Gate.Half(outgoing + WriterSide + StreamSide.Lock) = 0x3FFF_FFF0; // nobody's number
            Gate.Half(outgoing + StreamLayout.Data) = 0x21212121;
            Sys.Write(tell, "!"u8);
            Sys.Sleep(50);
            Linux.Exit(0);
        }

        Sys.Read(told, 1);
        long written = Sys.Write(first, "w"u8) + Sys.Write(second, "w"u8);
        Sys.Wait(child);
        return written == 2 && Sys.Read(first, 8) == 1000 + 'w' && Sys.Read(second, 8) == 1000 + 'w' ? 0 : 1;
    }

    // More streams than there may be, and than a space can have: what is refused works by requests.
    private static int Hoard()
    {
        int wrong = 0;
        for (int index = 0; index < 100; index++)
        {
            Create(out int first, out int second);
            wrong += Sys.Write(first, "h"u8) == 1 && Sys.Read(second, 8) == 1000 + 'h' ? 0 : 1;
        }

        return wrong;
    }

    // The place of the last mapped stream whose reader's page, or whose data, may be written.
    private static ulong Find(bool isIncoming)
    {
        ulong found = 0;
        for (uint index = 0; index < Window.StreamCount; index++)
        {
            ulong place = Window.StreamOf(index), at = place + (isIncoming ? ReaderSide : StreamLayout.Data);
            if ((ulong)Gate.Call(KernelCall.SpaceQuery, WellKnownHandle.Self, at) == at && (Gate.MessageWord(2) & (ulong)MapFlags.Write) != 0)
                found = place;
        }

        return found;
    }
}
