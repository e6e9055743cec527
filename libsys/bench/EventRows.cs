using System.Runtime.InteropServices;

namespace Libsys.Bench;

/// <summary>Descriptors that carry events, and waiting for those that are ready.</summary>
internal static unsafe class EventRows
{
    private const int ValueLength = 8, Many = 100;

    // A one, and room for what is read.
    private static readonly nint One = MakeOne(), Buffer = Memory.Allocate(Memory.PageLength);

    public static IEnumerable<Row> All() =>
    [
        new("eventfd write + read", EventWriteRead),
        new("flock + unlock beside a thread in a read", LockBesideReader),
        new("timerfd_settime + read", TimerRead),
        new("tkill(self) + signalfd read", SignalRead),
        new("poll of a ready eventfd", PollOne),
        new("poll of 100 pipes with one ready", PollMany),
        new("select of 100 pipes with one ready", SelectMany),
        new("epoll_wait of a ready eventfd", EpollWait),
    ];

    private static nint MakeOne()
    {
        nint one = Memory.Allocate(Memory.PageLength);
        *(long*)one = 1;
        return one;
    }

    private static Action CloseAll(params long[] files) => () => Array.ForEach(files, file => Linux.Call(Numbers.Close, file));

    // Ready for as long as nobody reads it. Written twice: on this system an eventfd that is used again lies in memory that is shared with the server.
    private static long ReadyEvent()
    {
        long ready = Linux.Check(Linux.Call(Numbers.Event, 0, 0));
        Linux.Check(Linux.Call(Numbers.Write, ready, One, ValueLength));
        Linux.Check(Linux.Call(Numbers.Write, ready, One, ValueLength));
        return ready;
    }

    private static Prepared EventWriteRead()
    {
        long counter = Linux.Check(Linux.Call(Numbers.Event, 0, 0));
        return new(() => Linux.Call(Numbers.Write, counter, One, ValueLength) | Linux.Call(Numbers.Read, counter, Buffer, ValueLength), CloseAll(counter));
    }

    // The thread waits in a request of its own for as long as the row lasts.
    private static Prepared LockBesideReader()
    {
        Pipe pipe = Pipe.Create();
        nint started;
        Linux.Check(-Linux.CreateThread(&started, 0, &ReadOne, (nint)pipe.Read));
        nint thread = started;
        return FileRows.Lock(() =>
        {
            nint result;
            Linux.Check(Linux.Call(Numbers.Write, pipe.Write, One, 1));
            Linux.JoinThread(thread, &result);
            pipe.Close();
        });
    }

    [UnmanagedCallersOnly]
    private static nint ReadOne(nint file)
    {
        byte value;
        return (nint)Linux.CallAndRun(Numbers.Read, file, (nint)(&value), 1);
    }

    // Set to a time that has passed, so that the read finds an expiration.
    private static Prepared TimerRead()
    {
        const long Monotonic = 1, Absolute = 1;
        long timer = Linux.Check(Linux.Call(Numbers.TimerCreate, Monotonic, 0));
        long* value = (long*)Memory.Allocate(Memory.PageLength);
        *value = 0;
        value[3] = 1;
        return new(() => Linux.Call(Numbers.TimerSet, timer, Absolute, (nint)value) | Linux.Call(Numbers.Read, timer, Buffer, ValueLength), CloseAll(timer));
    }

    // To the thread that has blocked it: others of the process, the runtime's, have not.
    private static Prepared SignalRead()
    {
        const long Block = 0, InfoLength = 128;
        long* set = (long*)Memory.Allocate(Memory.PageLength);
        *set = 1L << (Numbers.OtherUserSignal - 1);
        Linux.Check(Linux.Call(Numbers.SignalMask, Block, (nint)set, 0, ValueLength));
        long signals = Linux.Check(Linux.Call(Numbers.SignalDescriptor, -1, (nint)set, ValueLength, 0));
        long self = Linux.Call(Numbers.Gettid);
        return new(
            () => Linux.Call(Numbers.ThreadKill, self, Numbers.OtherUserSignal) | Linux.Call(Numbers.Read, signals, Buffer, InfoLength), CloseAll(signals));
    }

    private static Prepared PollOne()
    {
        long ready = ReadyEvent();
        nint entries = Memory.Allocate(Memory.PageLength);
        *(int*)entries = (int)ready;
        ((int*)entries)[1] = Numbers.PollIn;
        return new(() => Linux.Call(Numbers.Poll, entries, 1, -1), CloseAll(ready));
    }

    // Read ends, of which the last is ready.
    private static (long[] ReadEnds, Action Close) MakePipes()
    {
        var reads = new long[Many];
        var all = new List<long>();
        for (int index = 0; index < Many; index++)
        {
            Pipe pipe = Pipe.Create();
            reads[index] = pipe.Read;
            all.AddRange([pipe.Read, pipe.Write]);
        }

        Linux.Check(Linux.Call(Numbers.Write, all[^1], One, 1));
        return (reads, CloseAll([.. all]));
    }

    private static Prepared PollMany()
    {
        (long[] reads, Action close) = MakePipes();
        nint entries = Memory.Allocate(Memory.PageLength);
        for (int index = 0; index < Many; index++)
        {
            ((int*)entries)[2 * index] = (int)reads[index];
            ((int*)entries)[2 * index + 1] = Numbers.PollIn;
        }

        return new(() => Linux.Call(Numbers.Poll, entries, Many, -1), close);
    }

    private static Prepared SelectMany()
    {
        const int SetLength = 16, BitsPerWord = 64;
        (long[] reads, Action close) = MakePipes();
        long highest = reads.Max() + 1;
        ulong* wanted = (ulong*)Memory.Allocate(Memory.PageLength), set = wanted + SetLength;
        *wanted = 0;
        foreach (long read in reads)
            wanted[read / BitsPerWord] |= 1UL << (int)(read % BitsPerWord);
        return new(
            () =>
            {
                new Span<ulong>(wanted, SetLength).CopyTo(new Span<ulong>(set, SetLength));
                return Linux.Call(Numbers.Select, highest, (nint)set, 0, 0, 0);
            },
            close);
    }

    private static Prepared EpollWait()
    {
        const long Add = 1;
        long ready = ReadyEvent(), epoll = Linux.Check(Linux.Call(Numbers.EpollCreate, 0));
        nint entry = Memory.Allocate(Memory.PageLength);
        *(int*)entry = Numbers.PollIn;
        Linux.Check(Linux.Call(Numbers.EpollControl, epoll, Add, ready, entry));
        return new(() => Linux.Call(Numbers.EpollWait, epoll, Buffer, 1, -1), CloseAll(epoll, ready));
    }
}
