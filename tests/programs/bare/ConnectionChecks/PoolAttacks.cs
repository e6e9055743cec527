using Bare;
using Hostile;
using Libsys.Abi;
using Libsys.Messages;

namespace ConnectionChecks;

/// <summary>
/// A program that gives its large pool back while requests in work name it, and names it when it is gone: by the rings of its connection with vfs, which its
/// personality cannot use any more then, so that each attack is a child.
/// </summary>
internal static class PoolAttacks
{
    private const int Busy = -16, Invalid = -22, Fault = -14, Interrupted = -4;
    private const ulong OwnOffset = ulong.MaxValue;

    public static int Run()
    {
        Attack("while a read waits"u8, 0);
        Attack("while a poll waits"u8, 1);
        Attack("pools that there are not"u8, 2);
        Attack("a request that names what is gone"u8, 3);
        Attack("memory that is gone"u8, 4);
        Attack("again and again"u8, 5);
        return 0;
    }

    private static void Attack(System.ReadOnlySpan<byte> name, int kind)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Pipe(out int read, out int write);
            Sys.At(0);
            RawRing.Server = 0;
            Linux.Exit(Begin(kind, RawRing.HandleOf(read), RawRing.HandleOf(write)));
        }

        Report.Number(name, Sys.Wait(child));
    }

    // 0: all as it should be.
    private static int Begin(int kind, uint read, uint write)
    {
        int wrong = Check(PoolChecks.Attach(), 0);
        switch (kind)
        {
            case 0: return wrong + Reading(read, write);
            case 1: return wrong + Polling(read);
            case 2:
                return wrong + Check(PoolChecks.Detach(0), Invalid) + Check(PoolChecks.Detach(2), Invalid) + Check(PoolChecks.Detach(ulong.MaxValue), Invalid)
                    + Check(PoolChecks.Detach(1), 0) + Check(PoolChecks.Detach(1), Invalid);
            case 3:
                wrong += Check(PoolChecks.Detach(1), 0);
                return wrong + Check(RawRing.Call(VfsOperation.Read, read, OwnOffset, 0, 1, 0, 8), Fault)
                    + Check(RawRing.Call(VfsOperation.Write, write, OwnOffset, 0, 1, 0, 8), Fault);
            case 4:
                wrong += Check(PoolChecks.Detach(1), 0);
                Gate.Word(Window.PoolOf(1)) = 1;
                return wrong + 100;
            default:
                for (int round = 0; round < 200; round++)
                {
                    wrong += Check(PoolChecks.Detach(1), 0) + Check(PoolChecks.Attach(), 0);
                    wrong += Check((long)Gate.Word(Window.PoolOf(1)), 0); // zeroed
                    Gate.Word(Window.PoolOf(1)) = 1;
                }

                return wrong;
        }
    }

    private static int Reading(uint read, uint write)
    {
        RawRing.Submit(VfsOperation.Read, read, OwnOffset, pool: 1, length: 8);
        int wrong = Behind();
        uint answered = RawRing.Answered;
        wrong += Check(PoolChecks.Detach(1), Busy) + Check(PoolChecks.Detach(1), Busy);
        Gate.Word(RawRing.Pool) = 0x636261;
        RawRing.Submit(VfsOperation.Write, write, OwnOffset, length: 3);
        wrong += RawRing.Await(answered + 2) ? 0 : 1;
        return wrong + Check((long)Gate.Word(Window.PoolOf(1)), 0x636261) + Check(PoolChecks.Detach(1), 0);
    }

    private static int Polling(uint read)
    {
        Gate.Word(Window.PoolOf(1)) = read | 1ul << 32;
        RawRing.Submit(VfsOperation.Poll, 1, 1, pool: 1, length: 8);
        ulong tag = RawRing.LastTag;
        int wrong = Behind();
        uint answered = RawRing.Answered;
        wrong += Check(PoolChecks.Detach(1), Busy);
        RawRing.Submit(VfsOperation.Cancel, tag);
        wrong += RawRing.Await(answered + 2) ? 0 : 1;
        return wrong + Check(RawRing.ResultAt(answered) + RawRing.ResultAt(answered + 1), Interrupted) + Check(PoolChecks.Detach(1), 0);
    }

    // A request that is answered at once behind one that waits: vfs works on both then. Nothing has this tag.
    private static int Behind() => Check(RawRing.Call(VfsOperation.Cancel, ulong.MaxValue), 0);

    private static int Check(long result, long expected) => result == expected ? 0 : 1;
}
