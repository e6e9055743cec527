using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Supervisor.Policy;

namespace Servers.Supervisor;

/// <summary>
/// One process of a server: its space, an account of its own and its health page. Its number is its badge and never used again, so that what an older process
/// said is not taken for the present one's.
/// </summary>
internal sealed class ServerInstance
{
    /// <summary>Handles that the supervisor holds for a process: account, space and health page.</summary>
    public const uint Handles = 3;

    private readonly AccountState baseline;

    /// <summary>Makes an empty space below the server's account.</summary>
    /// <exception cref="ServerStartException">Something was refused.</exception>
    public ServerInstance(Server server, ulong number, EndpointHandle supervisor, bool isSpare)
    {
        Number = number;
        IsSpare = isSpare;
        string name = server.Description.Name;
        ulong frames = (ulong)server.Description.Account.Memory / Server.PageLength;
        ServerStartException.Check(server.Account.TryCreateChild(frames, (ulong)server.Description.Account.Handles, out AccountHandle account),
            name + ": account");
        Account = account;
        account.TryQuery(out baseline);
        ServerStartException.Check(AddressSpaceHandle.TryCreate(account, supervisor, number, out AddressSpaceHandle space), name + ": address space");
        Space = space;
        ServerStartException.Check(MemoryObjectHandle.TryCreate(HealthPage.Length, MemoryFlags.Sealed, out MemoryObjectHandle page), name + ": health page");
        ServerStartException.Check(
            MappedMemory.TryMap(page, 0, HealthPage.Length, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out MappedMemory? mapped),
            name + ": health page");
        HealthObject = page;
        Health = mapped!;
        Detector = new HangDetector(HangDetector.StartBound, HangDetector.BlockedChecks);
    }

    /// <summary>Badge of its calls, of its faults and of its death.</summary>
    public ulong Number { get; }

    /// <summary>Its space.</summary>
    public AddressSpaceHandle Space { get; }

    /// <summary>Its account, below the server's.</summary>
    public AccountHandle Account { get; }

    /// <summary>The page that it shares with the supervisor, and its object.</summary>
    public MappedMemory Health { get; }

    /// <inheritdoc cref="Health"/>
    public MemoryObjectHandle HealthObject { get; }

    /// <summary>It has not taken anybody's place yet.</summary>
    public bool IsSpare { get; set; }

    /// <summary>The call in which a spare waits; invalid until it does.</summary>
    public ReplyHandle Parked { get; set; }

    /// <summary>Watches over its heartbeats.</summary>
    public HangDetector Detector { get; set; }

    /// <summary>The supervisor has ended it, or seen it end.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Root asked for its end, or for a fault of it.</summary>
    public bool IsRequested { get; set; }

    /// <summary>It was ended on a suspicion, which may have been wrong.</summary>
    public bool IsSuspected { get; set; }

    /// <summary>Why it ended.</summary>
    public string Failure { get; set; } = "";

    /// <summary>Nanoseconds since boot when its end was noticed.</summary>
    public ulong NoticedAt { get; set; }

    /// <summary>What it was doing; taken before its threads end.</summary>
    public CrashReport? Report { get; set; }

    /// <summary>When its predecessor failed, as far as that is known, and when that was noticed; 0: it is the first, or that was logged already.</summary>
    public ulong PredecessorFailedAt { get; set; }

    /// <inheritdoc cref="PredecessorFailedAt"/>
    public ulong PredecessorNoticedAt { get; set; }

    /// <summary>Nanoseconds since boot when it was ready.</summary>
    public ulong ReadyAt { get; set; }

    /// <summary>Nanoseconds since boot of its failure: of the fault that root had it commit, by its own word, else when it was noticed.</summary>
    public ulong FailedAt => Health.ReadUInt64(HealthPage.FaultAt) is var fault && fault > 0 && fault < NoticedAt ? fault : NoticedAt;

    /// <summary>Has it commit a fault.</summary>
    public void Commit(InjectedFault fault, NotificationHandle loop)
    {
        Health.WriteUInt32(HealthPage.Fault, (uint)fault);
        loop.Signal(1ul << LoopBits.Fault);
    }

    /// <summary>Ends it without a word: that is noticed as any end of a space is.</summary>
    public void Kill()
    {
        Health.WriteUInt64(HealthPage.FaultAt, SystemClock.Now);
        Space.Terminate(0);
    }

    /// <summary>Sends a heartbeat to be answered.</summary>
    public void Ask(NotificationHandle loop)
    {
        Health.WriteUInt32(HealthPage.Ping, Health.ReadUInt32(HealthPage.Ping) + 1);
        loop.Signal(1ul << LoopBits.Heartbeat);
    }

    /// <summary>True if the last heartbeat was answered.</summary>
    public bool HasAnswered => Health.ReadUInt32(HealthPage.Answered) == Health.ReadUInt32(HealthPage.Ping);

    /// <summary>Frees everything that it held; what its account is still charged beyond what it was at first.</summary>
    public (long Frames, long Handles) TearDown()
    {
        if (Parked.IsValid)
            Parked.Close();
        Space.Destroy();
        Space.Handle.Close();
        Health.Dispose();
        HealthObject.Handle.Close();
        return Remaining();
    }

    /// <summary>What its account is charged beyond what it was at first.</summary>
    public (long Frames, long Handles) Remaining() =>
        Account.TryQuery(out AccountState now) == KernelStatus.Ok
            ? ((long)(now.Frames - baseline.Frames), (long)(now.Handles - baseline.Handles))
            : (0, 0);
}
