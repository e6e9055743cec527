using Bare;
using Hostile;
using Libsys.Abi;
using Libsys.Messages;
using Libsys.Rings;

namespace ConnectionChecks;

/// <summary>
/// A program that writes into the rings of its connection with the mailbox what no personality would. Each attack is a child: its personality can no longer use
/// that connection. Numbers of grants are guessed, all that there can be here: those of other processes among them.
/// </summary>
internal static class HostileChecks
{
    private const int Grants = 64, Places = 16, Other = 55, Stale = 116;

    private const uint BytesThere = 0x8004_6D01;

    private static long path;
    private static int mine;

    public static int Run(long device)
    {
        path = device;
        mine = Sys.Open(path, Sys.ReadWrite);
        Sys.Write(mine, "secret"u8);
        Attack("handles that were not granted"u8, 0);
        Attack("slots of nobody"u8, 1);
        Attack("grants of others"u8, 2);
        Attack("a handle after close"u8, 3);
        Attack("a handle that means something else now"u8, 4);
        Attack("a buffer outside the pool"u8, 5);
        Attack("more poll entries than there are"u8, 6);
        Attack("a poll of what is not there"u8, 7);
        Attack("operations that are vfs' alone"u8, 8);
        Attack("noise in the indices"u8, 9);
        Attack("servers that there are not"u8, 10);
        Report.Number("nothing was lost"u8, Sys.Read(mine, 8));
        return 0;
    }

    private static void Attack(System.ReadOnlySpan<byte> name, int kind)
    {
        int child = Sys.Fork();
        if (child == 0)
        {
            Sys.Close(mine); // so that what it can reach is its own
            int box = Sys.Open(path, Sys.ReadWrite);
            Linux.Exit(Begin(kind, box));
        }

        Report.Number(name, Sys.Wait(child));
    }

    // 0: all as it should be.
    private static int Begin(int kind, int box)
    {
        // The personality closes and opens by vfs; nothing here asks it for the mailbox after the first raw request.
        uint handle = RawRing.HandleOf(box);
        if (RawRing.Call(VfsOperation.Control, handle, BytesThere, 0, 0, 0, 4) != 0)
            return 100; // what may be done does not work: then a refusal says nothing
        switch (kind)
        {
            case 0: return Refused(handle + 1) + Refused(handle + 100) + Refused(uint.MaxValue) + Refused(0x1_0000_0000ul | handle);
            case 1: return Slots(handle);
            case 2:
                // Its own it may show again; that is one.
                return Guess(handle + 1) + Guess(handle + 2) + Guess(handle) - 1;
            case 3:
                Sys.Close(box);
                return Refused(handle) + Guess(handle);
            case 4:
                Sys.Close(box);
                Sys.Open("/dev/null\0"u8, 0);
                return Refused(handle) + Guess(handle);
            case 5: return Check(RawRing.Call(VfsOperation.Read, handle, 0, 0, 0, VfsLimits.PoolLength - 1, 2), -14)
                + Check(RawRing.Call(VfsOperation.Read, handle, 0, 0, 1, 0, 1), -14);
            case 6: return Check(RawRing.Call(VfsOperation.Poll, 1000, 0, 1, 0, 0, 16), -22) + Check(RawRing.Call(VfsOperation.Poll, ulong.MaxValue), -22);
            case 7: return RawRing.PollUnknown(Other);
            case 8: return OnlyVfs(handle);
            case 9: return RawRing.Noise();
            default: return Servers();
        }
    }

    private static int Check(long result, long expected) => result == expected ? 0 : 1;

    private static int Refused(ulong handle) => Check(RawRing.Call(VfsOperation.Read, handle, 0, 0, 0, 0, 8), -Stale)
        + Check(RawRing.Call(VfsOperation.Write, handle, 0, 0, 0, 0, 8), -Stale)
        + Check(RawRing.Call(VfsOperation.Control, handle, BytesThere, 0, 0, 0, 4), -Stale);

    private static int Slots(uint handle)
    {
        int wrong = 0;
        for (uint slot = 1; slot < 70; slot++)
            wrong += Check(RawRing.Call(VfsOperation.Read, handle, 0, 0, 0, 0, 8, slot), -Stale);
        return wrong;
    }

    // How many of the grants that there can be are taken for this handle of this process.
    private static int Guess(ulong handle)
    {
        int wrong = 0;
        for (ulong count = 0; count < Grants; count++)
        {
            for (ulong place = 0; place < Places; place++)
            {
                long result = RawRing.Call(VfsOperation.ShowGrant, handle, count << GrantTable.PlaceBits | place);
                wrong += result == 0 ? 1 : 0;
            }
        }

        return wrong;
    }

    private static int OnlyVfs(uint handle)
    {
        int wrong = 0;
        for (ushort operation = 0; operation < 60; operation++)
        {
            var kind = (VfsOperation)operation;
            if (kind is VfsOperation.Read or VfsOperation.Write or VfsOperation.Control or VfsOperation.Poll or VfsOperation.Cancel or VfsOperation.ShowGrant)
                continue;
            wrong += RawRing.Call(kind, handle) == -38 ? 0 : 1;
        }

        return wrong;
    }

    private static int Servers()
    {
        return Server(0) + Server(2) + Server(3) + Server(4) + Server(1000) + Server(ulong.MaxValue);
    }

    private static int Server(ulong number)
    {
        Gate.MessageWord(0) = (ulong)ProcessOperation.ConnectServer;
        Gate.MessageWord(1) = number;
        Gate.SetHandleCount(0);
        Gate.Call(KernelCall.EndpointCall, WellKnownHandle.Control, ulong.MaxValue);
        return (long)Gate.MessageWord(0) == -6 ? 0 : 1;
    }
}
