using Libsys.Abi;
using static KernelTests.Report;

namespace KernelTests;

/// <summary>Handles, rights and accounts.</summary>
internal static unsafe class HandleTests
{
    public static void Run()
    {
        Test("a null call returns 0"u8, &Null);
        Test("an unknown call is an error"u8, &Unknown);
        Test("handles carry rights that only shrink"u8, &Rights_);
        Test("a full account refuses handles and memory"u8, &Limits);
        Test("vector registers survive a kernel call"u8, &Vectors);
        Test("the log can be read back"u8, &ReadLog);
    }

    private static void Null()
    {
        Expect(Kernel.Call(KernelCall.Null), 0, 1);
        Expect(Kernel.Call(KernelCall.ThreadSelf), (long)Window.ThreadBlocks, 2);
    }

    private static void Unknown()
    {
        Fails(Kernel.Call((KernelCall)9), KernelStatus.UnknownCall, 1);
        Fails(Kernel.Call((KernelCall)9999), KernelStatus.UnknownCall, 2);
    }

    private static void Rights_()
    {
        long n = Kernel.Call(KernelCall.NotificationCreate);
        Expect(n >= WellKnownHandle.FirstFree, 1);
        Expect(Kernel.Call(KernelCall.HandleQuery, (ulong)n),
            (long)((uint)ObjectType.Notification | (uint)(Rights.Signal | Rights.Wait | Rights.Manage | Rights.Duplicate) << 8), 2);
        long waitOnly = Kernel.Call(KernelCall.HandleDuplicate, (ulong)n, (ulong)Rights.Wait);
        Fails(Kernel.Call(KernelCall.NotificationSignal, (ulong)waitOnly, 1), KernelStatus.NoRight, 3);
        Fails(Kernel.Call(KernelCall.HandleDuplicate, (ulong)waitOnly, (ulong)Rights.All), KernelStatus.NoRight, 4);
        Expect(Kernel.Call(KernelCall.NotificationSignal, (ulong)n, 5), 0, 5);
        Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)waitOnly, ulong.MaxValue), 5, 6);
        long minted = Kernel.Call(KernelCall.NotificationMint, (ulong)n, 2);
        Expect(Kernel.Call(KernelCall.NotificationSignal, (ulong)minted, 7), 0, 7);
        Expect(Kernel.Call(KernelCall.NotificationWait, (ulong)n, 0), 2, 8);
        Expect(Kernel.Call(KernelCall.HandleInstall, WellKnownHandle.Self, 5, (ulong)n, (ulong)Rights.All), 5, 9);
        Fails(Kernel.Call(KernelCall.HandleInstall, WellKnownHandle.Self, 5, (ulong)n, (ulong)Rights.All), KernelStatus.Occupied, 10);
        Fails(Kernel.Call(KernelCall.MemoryQuery, (ulong)n), KernelStatus.BadHandle, 11);
        foreach (long handle in (System.ReadOnlySpan<long>)[n, waitOnly, minted, 5])
            Expect(Kernel.Call(KernelCall.HandleClose, (ulong)handle), 0, 12);
        Fails(Kernel.Call(KernelCall.HandleClose, (ulong)n), KernelStatus.BadHandle, 13);
        Fails(Kernel.Call(KernelCall.HandleClose, 1ul << 32), KernelStatus.BadHandle, 14);
    }

    private static void Limits()
    {
        AccountState before = Accounts.State();
        long account = Kernel.Call(KernelCall.AccountCreate, WellKnownHandle.BootAccount, 40, 3);
        long space = Kernel.Call(KernelCall.SpaceCreate, (ulong)account, 0, 0);
        Expect(space > 0, 1);
        for (int i = 0; i < 3; i++)
            Expect(Kernel.Call(KernelCall.HandleInstall, (ulong)space, 0, WellKnownHandle.Self, (ulong)Rights.All) > 0, 2);
        Fails(Kernel.Call(KernelCall.HandleInstall, (ulong)space, 0, WellKnownHandle.Self, (ulong)Rights.All), KernelStatus.NoHandle, 3);
        Fails(Kernel.Call(KernelCall.MemoryCreate, (ulong)account, 64 * 4096, (ulong)MemoryFlags.Sealed), KernelStatus.NoMemory, 4);
        Expect(Kernel.Call(KernelCall.SpaceMap, (ulong)space, 0x100000, 64 * 4096, (ulong)(MapFlags.Read | MapFlags.Write)), 0, 5);
        Fails(Kernel.Call(KernelCall.SpacePopulate, (ulong)space, 0x100000, 64 * 4096), KernelStatus.NoMemory, 6);
        Expect(Kernel.Call(KernelCall.SpaceDestroy, (ulong)space), 0, 7);
        Expect(Kernel.Call(KernelCall.HandleClose, (ulong)space), 0, 8);
        Expect(Kernel.Call(KernelCall.HandleClose, (ulong)account), 0, 9);
        Accounts.ExpectSame(before, 10);
    }

    // Position at the log's end.
    private static ulong EndOfLog()
    {
        Kernel.Call(KernelCall.LogRead, WellKnownHandle.BootMachine, 0);
        return Kernel.Block->Message.Words[1];
    }

    private static void ReadLog()
    {
        const ulong Kept = 64 * 1024, Machine = WellKnownHandle.BootMachine;
        byte* area = (byte*)&Kernel.Block->Message;
        ulong* words = (ulong*)area;
        // The kernel's first line begins with the time, seconds in five columns.
        Expect(Kernel.Call(KernelCall.LogRead, Machine, 0) > 30, 1);
        Expect((long)words[0], 0, 2);
        Expect(area[16] == '[' && area[17] == ' ' && area[21] == '0' && area[22] == '.', 3);
        ulong end = EndOfLog();
        Line line = new Line();
        line.Text("LOG a line that is read back"u8);
        line.Write();
        Expect(Kernel.Call(KernelCall.LogRead, Machine, end), 29, 4);
        Expect((long)words[0], (long)end, 5);
        Expect((long)words[1], (long)end + 29, 6);
        Expect(area[16] == 'L' && area[16 + 28] == '\n', 7);
        Expect(Kernel.Call(KernelCall.LogRead, Machine, end + 29), 0, 8);
        Fails(Kernel.Call(KernelCall.LogRead, Machine, end + 30), KernelStatus.BadArgument, 9);
        long writeOnly = Kernel.Call(KernelCall.HandleDuplicate, Machine, (ulong)Rights.Write);
        Fails(Kernel.Call(KernelCall.LogRead, (ulong)writeOnly, 0), KernelStatus.NoRight, 10);
        // More than is kept: blank lines, which readers of the port skip.
        for (int i = 0; i < 40; i++)
        {
            for (int at = 0; at < ThreadBlock.MessageLength; at++)
                area[at] = (byte)'\n';
            Expect(Kernel.Call(KernelCall.LogWrite, (ulong)writeOnly, ThreadBlock.MessageLength), 0, 11);
        }
        Kernel.Call(KernelCall.HandleClose, (ulong)writeOnly);
        end = EndOfLog();
        Expect(Kernel.Call(KernelCall.LogRead, Machine, 5), ThreadBlock.MessageLength - 16, 12);
        Expect((long)words[0], (long)(end - Kept), 13);
        Expect(Kernel.Call(KernelCall.LogRead, Machine, end - 7), 7, 14);
        Expect(area[16 + 6], '\n', 15);
    }

    private static void Vectors()
    {
        Expect(Kernel.VectorCheck(0x1234_5678_0000_0000, KernelCall.Null, 0), 0, 1);
        Expect(Kernel.VectorCheck(0xfedc_0000_0000_0000, KernelCall.ThreadYield, 0), 0, 2);
    }
}

/// <summary>What the root account is charged.</summary>
internal struct AccountState
{
    public ulong Frames, Handles;
}

/// <summary>Checks that charges come back.</summary>
internal static unsafe class Accounts
{
    public static AccountState State()
    {
        // What is queued for destruction is freed a step a call.
        for (int i = 0; i < 2000; i++)
            Kernel.Call(KernelCall.Null);
        Kernel.Call(KernelCall.AccountQuery, WellKnownHandle.BootAccount);
        ulong* words = (ulong*)&Kernel.Block->Message;
        AccountState state;
        state.Frames = words[1];
        state.Handles = words[3];
        return state;
    }

    public static void ExpectSame(AccountState before, int place)
    {
        AccountState now = State();
        Expect((long)now.Frames, (long)before.Frames, place);
        Expect((long)now.Handles, (long)before.Handles, place);
    }
}
