using System;
using Bare;
using Libsys.Abi;
using Libsys.Messages;
using MapFlags = Libsys.Abi.MapFlags;

namespace Hostile;

/// <summary>
/// Writes noise into each area of the own window that somebody else sees too, and uses what lies there meanwhile. Which areas there are the kernel tells, so
/// none can be forgotten: <see cref="List"/> says by name what it found. Each attack is a child, since the first lie may be the last.
/// </summary>
internal static class AreaVandal
{
    private const long ReadNumber = 0, WriteNumber = 1, OpenNumber = 2, CloseNumber = 3, PollNumber = 7, SeekNumber = 8, MmapNumber = 9, MaskNumber = 14,
        Pread = 17, Pwrite = 18, SocketPair = 53,
        SleepNumber = 35, Fork = 57, Wait = 61, Kill = 62, Thread = 186, KillThread = 200, TimerCreate = 283, TimerSet = 286, SignalOpen = 289,
        EventCreate = 290, PipeCreate = 293;
    private const int NonBlock = 0x800, Create = 0x42, User1 = 10, Descriptors = 10, Counter = 0, Timer = 1, Signals = 2, Reader = 3, Writer = 4, File = 5,
        Socket = 6, Peer = 7, Packets = 8, PacketsPeer = 9;
    private const int MostRegions = 256, Steps = 150, Operations = 17, MostWaits = 30;
    private const ulong Page = 4096;

    // Offsets in a page of scratch memory: structures of calls, and 512 bytes that are moved.
    private const int Setting = 0, Mask = 64, Entries = 128, Status = 256, Name = 320, Buffer = 512, Length = 128;

    private static readonly ulong[] regions = new ulong[MostRegions], lengths = new ulong[MostRegions];
    private static readonly long[] descriptors = new long[Descriptors];
    private static long scratch;

    /// <summary>Attacks: a child each, which chooses an area.</summary>
    public static void Run(ulong seed, int rounds)
    {
        Prepare(seed);
        const int appends = 0x441; // O_WRONLY, O_CREAT, O_APPEND
        At(Name) = 'c';
        long attacks = Linux.Call(OpenNumber, scratch + Name, appends, 0x1B6);
        At(Name) = FileName(seed);
        for (int round = 0; round < rounds; round++)
        {
            long child = Linux.Call(Fork);
            if (child == 0)
            {
                var chance = new Chance(seed * 1000 + (ulong)round);
                Use();
                int count = Find(isWritable: true);
                Attack(ref chance, (int)chance.Below((uint)count));
                Linux.Exit(0);
            }

            Await(child);
            Linux.Call(WriteNumber, attacks, scratch, 1);
        }
    }

    /// <summary>Writes the names of the areas that can be written, and how many words of others could be: none.</summary>
    public static void List()
    {
        Prepare(0);
        Use();
        int count = Find(isWritable: true);
        ulong known = 0;
        for (int index = 0; index < count; index++)
            known |= 1ul << Kind(regions[index]);
        for (int kind = 0; kind < 64; kind++)
        {
            if ((known >> kind & 1) != 0)
                Report.Number(NameOf(kind), 1);
        }

        count = Find(isWritable: false);
        int written = 0;
        for (int index = 0; index < count; index++)
        {
            long child = Linux.Call(Fork);
            if (child == 0)
            {
                Use();
                Gate.Word(regions[index]) = 1;
                Linux.Exit(0);
            }

            written += Await(child) == 0 ? 1 : 0;
        }

        Report.Number("areas for reading, as many or more"u8, count >= 2 ? 2 : count);
        Report.Number("written all the same"u8, written);
    }

    // Of the layout (Window): what a program can write beside its own heap, stacks and blocks. What is none of these is an area that this does not know.
    private static int Kind(ulong address) => address switch
    {
        >= Window.MemorySources and < Window.MemorySources + Window.MemorySourceCount * Page => 1,
        >= Window.Streams and < Window.Streams + 2 * Window.StreamsHalf => 2,
        >= Window.FileArea and < Window.FileArea + FileSlots.AreaLength => 3,
        >= Window.VfsConnection + Window.PoolStride and < Window.FileArea => 4,
        >= Window.VfsConnection and < Window.MemorySources => 5,
        >= Window.FileWrites and < Window.Top => 6,
        _ => 63,
    };

    private static ReadOnlySpan<byte> NameOf(int kind) => kind switch
    {
        1 => "memory sources"u8,
        2 => "streams"u8,
        3 => "slots of files"u8,
        4 => "large pool"u8,
        5 => "rings and pool"u8,
        6 => "pages of files to write"u8,
        _ => "unknown"u8,
    };

    private static ref ulong At(int offset) => ref Gate.Word((ulong)(scratch + offset));

    private static ulong FileName(ulong seed) => 'n' | ('0' + seed % 10) << 8 | ('0' + seed / 10 % 10) << 16;

    // What the children inherit: one of each kind of description.
    private static void Prepare(ulong seed)
    {
        scratch = Linux.Call(MmapNumber, 0, (long)Page, 3, 0x22, -1);
        At(Mask) = 1ul << (User1 - 1);
        Linux.Call(MaskNumber, 0, scratch + Mask, 0, 8);
        descriptors[Counter] = Linux.Call(EventCreate, 0, NonBlock);
        descriptors[Timer] = Linux.Call(TimerCreate, 1, NonBlock);
        descriptors[Signals] = Linux.Call(SignalOpen, -1, scratch + Mask, 8, NonBlock);
        Linux.Call(PipeCreate, scratch + Status, NonBlock);
        descriptors[Reader] = (uint)At(Status);
        descriptors[Writer] = (long)(At(Status) >> 32);
        const int unix = 1, stream = 1, packet = 5;
        Linux.Call(SocketPair, unix, stream | NonBlock, 0, scratch + Status);
        descriptors[Socket] = (uint)At(Status);
        descriptors[Peer] = (long)(At(Status) >> 32);
        Linux.Call(SocketPair, unix, packet | NonBlock, 0, scratch + Status);
        descriptors[Packets] = (uint)At(Status);
        descriptors[PacketsPeer] = (long)(At(Status) >> 32);
        At(Name) = FileName(seed);
        descriptors[File] = Linux.Call(OpenNumber, scratch + Name, Create, 0x180);
        for (int page = 0; page < 16; page++)
            Linux.Call(WriteNumber, descriptors[File], scratch, (long)Page);
    }

    // Often enough that all that can be mapped is.
    private static void Use()
    {
        var chance = new Chance(5);
        // Inherited offsets are not lent, but those of the own description are.
        descriptors[File] = Linux.Call(OpenNumber, scratch + Name, 2, 0);
        for (int round = 0; round < 40 * Operations; round++)
            Operate(ref chance, round);
    }

    private static void Operate(ref Chance chance, int kind)
    {
        switch (kind % Operations)
        {
            case 0: Linux.Call(WriteNumber, descriptors[Counter], scratch + Buffer, 8); break;
            case 1: Linux.Call(ReadNumber, descriptors[Counter], scratch + Buffer, 8); break;
            case 2:
                At(Setting) = At(Setting + 8) = At(Setting + 16) = 0;
                At(Setting + 24) = chance.Below(1000);
                Linux.Call(TimerSet, descriptors[Timer], 1, scratch + Setting, 0);
                break;
            case 3: Linux.Call(ReadNumber, descriptors[Timer], scratch + Buffer, 8); break;
            case 4: Linux.Call(KillThread, Linux.Call(Thread), User1); break;
            case 5: Linux.Call(ReadNumber, descriptors[Signals], scratch + Buffer, Length); break;
            case 6: Linux.Call(WriteNumber, descriptors[Writer], scratch + Buffer, Length); break;
            case 7: Linux.Call(ReadNumber, descriptors[Reader], scratch + Buffer, Length); break;
            case 8: Linux.Call(Pread, descriptors[File], scratch + Buffer, Length, chance.Below(60_000)); break;
            case 9: Linux.Call(SeekNumber, descriptors[File], chance.Below(60_000), 0); break;
            case 10: Linux.Call(ReadNumber, descriptors[File], scratch + Buffer, Length); break;
            case 11: Linux.Call(Pwrite, descriptors[File], scratch + Buffer, Length, chance.Below(60_000)); break;
            case 12: Linux.Call(WriteNumber, descriptors[Socket], scratch + Buffer, Length); break;
            case 13: Linux.Call(ReadNumber, descriptors[Peer], scratch + Buffer, Length); break;
            case 14: Linux.Call(WriteNumber, descriptors[Packets], scratch + Buffer, 1 + chance.Below(Length)); break;
            case 15: Linux.Call(ReadNumber, descriptors[PacketsPeer], scratch + Buffer, Length); break;
            default:
                for (int index = 0; index < Descriptors; index++)
                    At(Entries + index * 8) = (uint)descriptors[index] | 5ul << 32; // POLLIN | POLLOUT
                Linux.Call(PollNumber, scratch + Entries, Descriptors, 0);
                break;
        }
    }

    private static void Attack(ref Chance chance, int area)
    {
        ulong start = regions[area], words = lengths[area] / sizeof(ulong);
        for (int step = 0; step < Steps; step++)
        {
            for (uint count = chance.Below(8); count > 0; count--)
            {
                // Mostly where the fields are.
                ulong index = (chance.Below(4) != 0 ? chance.Below(64) : chance.Next() >> 8) % words;
                ref ulong word = ref Gate.Word(start + index * sizeof(ulong));
                word = chance.Below(5) switch
                {
                    0 => chance.Next(),
                    1 => word + chance.Below(3) - 1,
                    2 => Gate.Word(start + chance.Below(64) % words * sizeof(ulong)),
                    3 => word ^ 1ul << (int)chance.Below(64),
                    _ => chance.Argument(),
                };
            }

            Operate(ref chance, (int)chance.Below(Operations));
        }
    }

    // Regions of the window from what is shared on, that show an object: others are the space's own.
    private static int Find(bool isWritable)
    {
        int count = 0;
        for (ulong at = Window.Shared; count < MostRegions;)
        {
            if (Gate.Call(KernelCall.SpaceQuery, WellKnownHandle.Self, at) < 0)
                break;
            ulong start = Gate.MessageWord(0), length = Gate.MessageWord(1), flags = Gate.MessageWord(2), identity = Gate.MessageWord(3);
            at = start + length;
            if (identity == 0 || ((flags & (ulong)MapFlags.Write) != 0) != isWritable)
                continue;
            regions[count] = start;
            lengths[count++] = length;
        }

        return count;
    }

    // Its status. Who lies to itself may wait for ever, and is ended.
    private static int Await(long child)
    {
        const int noHang = 1, killed = 9;
        const ulong pause = 10_000_000;
        for (int waits = 0; Linux.Call(Wait, child, scratch + Status, noHang, 0) == 0; waits++)
        {
            At(Setting) = 0;
            At(Setting + 8) = pause;
            Linux.Call(SleepNumber, scratch + Setting, 0);
            if (waits == MostWaits)
                Linux.Call(Kill, child, killed);
        }

        return (int)(uint)At(Status);
    }
}
