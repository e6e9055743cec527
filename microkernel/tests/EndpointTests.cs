using System.Threading;
using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Synchronous messages within one space; between spaces see <see cref="SpaceTests"/>.</summary>
internal static unsafe class EndpointTests
{
    private static long endpoint, badged;

    public static void Run()
    {
        Test("a call is answered, with badge and words"u8, &CallAndReply);
        Test("handles travel with messages"u8, &Handles);
        Test("a caller learns that its endpoint or reply handle is gone"u8, &Gone);
        Test("a call can time out, and its reply is refused"u8, &Cancelled);
        Test("a bound notification announces messages"u8, &Bound);
        Test("a notification bound too late is freed"u8, &BoundLate);
    }

    private static Message* Area => &Kernel.Block->Message;

    // Adds one to word 0 until it is 100; then stops.
    private static void Server(ulong argument)
    {
        ulong reply = 0;
        while (true)
        {
            long status = Kernel.Call(KernelCall.EndpointReplyAndReceive, reply, (ulong)endpoint, ulong.MaxValue);
            if (status != 0)
                return;
            Message* m = Area;
            if (m->Words[0] == 100)
            {
                m->HandleCount = 0;
                Kernel.Call(KernelCall.EndpointReply, m->ReplyHandle);
                return;
            }
            m->Words[0]++;
            m->Words[1] = m->Badge;
            m->Words[2] = m->Kind;
            reply = m->ReplyHandle;
        }
    }

    private static void CallAndReply()
    {
        AccountState before = Accounts.State();
        endpoint = Kernel.Call(KernelCall.EndpointCreate);
        badged = Kernel.Call(KernelCall.EndpointMint, (ulong)endpoint, 0xbad9e);
        Work work;
        Threads.Start(&work, &Server, 0);
        Message* m = Area;
        m->HandleCount = 0;
        for (ulong i = 0; i < 50; i++)
        {
            m->Words[0] = i;
            m->Words[7] = ~i;
            Expect(Kernel.Call(KernelCall.EndpointCall, (ulong)badged, ulong.MaxValue), 0, 1);
            Expect((long)m->Words[0], (long)i + 1, 2);
            Expect((long)m->Words[1], 0xbad9e, 3);
            Expect((long)m->Words[2], (long)MessageKind.Call, 4);
            Expect((long)m->Words[7], (long)~i, 5);
        }
        m->Words[0] = 100;
        Expect(Kernel.Call(KernelCall.EndpointCall, (ulong)badged, ulong.MaxValue), 0, 6);
        Threads.Join(&work);
        Fails(Kernel.Call(KernelCall.EndpointReceive, (ulong)badged, 0), KernelStatus.NoRight, 7);
        Fails(Kernel.Call(KernelCall.EndpointReceive, (ulong)endpoint, 0), KernelStatus.WouldBlock, 8);
        Fails(Kernel.Call(KernelCall.EndpointCall, (ulong)badged, 0), KernelStatus.WouldBlock, 9);
        Kernel.Call(KernelCall.HandleClose, (ulong)endpoint);
        Kernel.Call(KernelCall.HandleClose, (ulong)badged);
        // A thread's block stays with its slot: the thread before used it already.
        AccountState after = Accounts.State();
        Expect((long)after.Handles, (long)before.Handles, 10);
        Expect((long)after.Frames, (long)before.Frames, 11);
    }

    private static void HandleServer(ulong argument)
    {
        Kernel.Call(KernelCall.EndpointReceive, (ulong)endpoint, ulong.MaxValue);
        Message* m = Area;
        uint reply = m->ReplyHandle;
        Expect(m->HandleCount, 2, 1);
        Expect(Kernel.Call(KernelCall.NotificationSignal, m->Handles[0], 3), 0, 2);
        Fails(Kernel.Call(KernelCall.NotificationWait, m->Handles[0], 0), KernelStatus.NoRight, 3);
        Expect(m->Rights[0], (long)(Rights.Signal | Rights.Duplicate), 4);
        Kernel.Call(KernelCall.HandleClose, m->Handles[1]);
        m->HandleCount = 1;
        m->Rights[0] = (uint)Rights.All;
        Expect(Kernel.Call(KernelCall.EndpointReply, reply), 0, 5);
        Kernel.Call(KernelCall.HandleClose, m->Handles[0]);
    }

    private static void Handles()
    {
        AccountState before = Accounts.State();
        endpoint = Kernel.Call(KernelCall.EndpointCreate);
        long n = Kernel.Call(KernelCall.NotificationCreate);
        Work work;
        Threads.Start(&work, &HandleServer, 0);
        Message* m = Area;
        m->HandleCount = 2;
        m->Handles[0] = (uint)n;
        m->Handles[1] = (uint)n;
        m->Rights[0] = (uint)(Rights.Signal | Rights.Duplicate);
        m->Rights[1] = (uint)Rights.All;
        Expect(Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue), 0, 6);
        Expect(m->HandleCount, 1, 7);
        Expect(Kernel.Call(KernelCall.HandleQuery, m->Handles[0]) >> 8, (long)(Rights.Signal | Rights.Duplicate), 8);
        Kernel.Call(KernelCall.HandleClose, m->Handles[0]);
        Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)n, 0), 3, 9);
        m->HandleCount = 1;
        m->Handles[0] = 4000;
        Fails(Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue), KernelStatus.BadHandle, 10);
        m->HandleCount = 5;
        Fails(Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue), KernelStatus.BadArgument, 11);
        Threads.Join(&work);
        Kernel.Call(KernelCall.HandleClose, (ulong)n);
        Kernel.Call(KernelCall.HandleClose, (ulong)endpoint);
        Accounts.ExpectSame(before, 12);
    }

    private static void DroppingServer(ulong argument)
    {
        Kernel.Call(KernelCall.EndpointReceive, (ulong)endpoint, ulong.MaxValue);
        Kernel.Call(KernelCall.HandleClose, Area->ReplyHandle);
    }

    private static void ClosingServer(ulong handle)
    {
        Threads.Sleep(2_000_000);
        Kernel.Call(KernelCall.HandleClose, handle);
    }

    private static void Gone()
    {
        endpoint = Kernel.Call(KernelCall.EndpointCreate);
        Area->HandleCount = 0;
        Work work;
        Threads.Start(&work, &DroppingServer, 0);
        Fails(Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue), KernelStatus.PeerGone, 1);
        Threads.Join(&work);
        Threads.Start(&work, &ClosingServer, (ulong)endpoint);
        Fails(Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue), KernelStatus.PeerGone, 2);
        Threads.Join(&work);
        Fails(Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue), KernelStatus.BadHandle, 3);
        // The handles that are left cannot receive.
        endpoint = Kernel.Call(KernelCall.EndpointCreate);
        badged = Kernel.Call(KernelCall.EndpointMint, (ulong)endpoint, 1);
        Kernel.Call(KernelCall.HandleClose, (ulong)endpoint);
        Fails(Kernel.Call(KernelCall.EndpointCall, (ulong)badged, ulong.MaxValue), KernelStatus.PeerGone, 4);
        Kernel.Call(KernelCall.HandleClose, (ulong)badged);
    }

    private static uint stage;

    private static void SlowServer(ulong argument)
    {
        Kernel.Call(KernelCall.EndpointReceive, (ulong)endpoint, ulong.MaxValue);
        uint reply = Area->ReplyHandle;
        Threads.Sleep(5_000_000);
        Fails(Kernel.Call(KernelCall.EndpointReply, reply), KernelStatus.PeerGone, 1);
        Fails(Kernel.Call(KernelCall.EndpointReply, reply), KernelStatus.BadHandle, 2);
        Volatile.Write(ref stage, 1);
    }

    private static void Cancelled()
    {
        endpoint = Kernel.Call(KernelCall.EndpointCreate);
        Work work;
        stage = 0;
        Area->HandleCount = 0;
        Threads.Start(&work, &SlowServer, 0);
        Fails(Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, Threads.Now + 2_000_000), KernelStatus.TimedOut, 3);
        Threads.Join(&work);
        Expect(stage, 1, 4);
        Kernel.Call(KernelCall.HandleClose, (ulong)endpoint);
    }

    private static void Caller(ulong argument) => Kernel.Call(KernelCall.EndpointCall, (ulong)endpoint, ulong.MaxValue);

    private static void Bound()
    {
        endpoint = Kernel.Call(KernelCall.EndpointCreate);
        long n = Kernel.Call(KernelCall.NotificationCreate);
        Expect(Kernel.Call(KernelCall.EndpointBind, (ulong)endpoint, (ulong)n, 16), 0, 1);
        Work work;
        Threads.Start(&work, &Caller, 0);
        Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)n, ulong.MaxValue), 16, 2);
        Expect(Kernel.Call(KernelCall.EndpointReceive, (ulong)endpoint, 0), 0, 3);
        Area->HandleCount = 0;
        Expect(Kernel.Call(KernelCall.EndpointReply, Area->ReplyHandle), 0, 4);
        Threads.Join(&work);
        Kernel.Call(KernelCall.HandleClose, (ulong)endpoint);
        Kernel.Call(KernelCall.HandleClose, (ulong)n);
    }

    // Bound after the last handle that could receive is closed: both go with their last handles all the same.
    private static void BoundLate()
    {
        // Enough to fill frames, should they stay.
        const int Rounds = 100;
        AccountState before = Accounts.State();
        for (int i = 0; i < Rounds; i++)
        {
            endpoint = Kernel.Call(KernelCall.EndpointCreate);
            long n = Kernel.Call(KernelCall.NotificationCreate);
            long weak = Kernel.Call(KernelCall.HandleDuplicate, (ulong)endpoint, (ulong)(Rights.Signal | Rights.Manage));
            Kernel.Call(KernelCall.HandleClose, (ulong)endpoint);
            Expect(Kernel.Call(KernelCall.EndpointBind, (ulong)weak, (ulong)n, 1), 0, 1);
            Kernel.Call(KernelCall.HandleClose, (ulong)weak);
            Kernel.Call(KernelCall.HandleClose, (ulong)n);
        }
        Accounts.ExpectSame(before, 2);
    }
}
