using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Servers.Supervisor.Keeping;
using Servers.Supervisor.Policy;

namespace Servers.Supervisor;

/// <summary>
/// One server of the manifest: what outlives its processes. Its endpoint, the notification of its loop and its hardware are made once, so that those who hold
/// a handle need not know of a restart, and a successor finds what its predecessor left in them.
/// </summary>
internal sealed class Server
{
    /// <summary>Bytes of a page.</summary>
    public const ulong PageLength = 4096;

    private const ulong NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Makes what outlives processes; nothing runs yet.</summary>
    /// <exception cref="ServerStartException">No memory, or hardware that somebody else has.</exception>
    public Server(ServerDescription description, int index, AccountHandle root, MachineHandle machine)
    {
        Description = description;
        Index = index;
        string name = description.Name;
        ServerStartException.Check(EndpointHandle.TryCreate(out EndpointHandle endpoint), name + ": endpoint");
        ServerStartException.Check(NotificationHandle.TryCreate(out NotificationHandle loop), name + ": notification");
        // A spare lives beside the process whose place it will take.
        ulong processes = description.Spare ? 2u : 1u;
        // Each process has an account below this one, and what is kept another: the page that holds these is this one's.
        const ulong AccountPages = 2;
        ulong kept = (ulong)description.Account.Keep / PageLength;
        ServerStartException.Check(
            root.TryCreateChild(
                processes * (ulong)description.Account.Memory / PageLength + kept + AccountPages, processes * (ulong)description.Account.Handles,
                out AccountHandle account),
            name + ": account");
        Endpoint = endpoint;
        Loop = loop;
        Account = account;
        ServerStartException.Check(account.TryCreateChild(kept, 0, out AccountHandle keptAccount), name + ": account of what is kept");
        KeptAccount = keptAccount;
        Kept = new KeptNames(description.Account.KeepNames, static handle => handle.Close());
        Hardware = new ServerHardware(description, machine, loop);
        Backoff = new RestartBackoff(description.Restart.MostRestarts, (ulong)description.Restart.WindowSeconds * NanosecondsPerSecond);
        SpareBackoff = new RestartBackoff(description.Restart.MostRestarts, (ulong)description.Restart.WindowSeconds * NanosecondsPerSecond);
    }

    /// <summary>What the manifest says.</summary>
    public ServerDescription Description { get; }

    /// <summary>Its name.</summary>
    public string Name => Description.Name;

    /// <summary>Place in the manifest.</summary>
    public int Index { get; }

    /// <summary>What others call it by.</summary>
    public EndpointHandle Endpoint { get; }

    /// <summary>What its event loop waits on.</summary>
    public NotificationHandle Loop { get; }

    /// <summary>Ports and interrupts.</summary>
    public ServerHardware Hardware { get; }

    /// <summary>Account above those of its processes.</summary>
    public AccountHandle Account { get; }

    /// <summary>Pays for what the server's processes make to outlive them.</summary>
    public AccountHandle KeptAccount { get; }

    /// <summary>Processes that have ended, with their generations, and have not been reported nor freed.</summary>
    public List<(ServerInstance Old, uint Generation)> Left { get; } = [];

    /// <summary>What cheaper servers say of its process.</summary>
    public Accusations Accusations { get; } = new();

    /// <summary>What they keep for each other.</summary>
    public KeptNames Kept { get; }

    /// <summary>Decides whether a successor gets it.</summary>
    public KeepTrust Trust { get; } = new();

    /// <summary>Decides about restarts.</summary>
    public RestartBackoff Backoff { get; }

    /// <summary>Decides about starting spares.</summary>
    public RestartBackoff SpareBackoff { get; }

    /// <summary>The process that serves, or is about to.</summary>
    public ServerInstance? Current { get; set; }

    /// <summary>The process that waits.</summary>
    public ServerInstance? Spare { get; set; }

    /// <summary>State for the table.</summary>
    public ServerState State { get; set; }

    /// <summary>Counts the processes that served.</summary>
    public uint Generation { get; set; }

    /// <summary>Why it ended last.</summary>
    public string LastFailure { get; set; } = "";

    /// <summary>When the end of the last process was noticed, until a successor runs; 0 else.</summary>
    public ulong DownSince { get; set; }

    /// <summary>When that process failed, as far as it is known: not after <see cref="DownSince"/>.</summary>
    public ulong FailedAt { get; set; }

    /// <summary>How long the last restart took.</summary>
    public RestartTimes LastRestart { get; set; }

    /// <summary>Decides what a client's suspicion is worth.</summary>
    public Suspicion Suspicion { get; } = new();

    /// <summary>Set while a suspicion is looked into.</summary>
    public LoopTimer? SuspicionTimer { get; set; }

    /// <summary>Set while the first answer of a successor is awaited.</summary>
    public LoopTimer? SettlingTimer { get; set; }

    /// <summary>Set while a restart waits for its time.</summary>
    public LoopTimer? RestartTimer { get; set; }

    /// <summary>Set while a spare waits to be started.</summary>
    public LoopTimer? SpareTimer { get; set; }

    /// <summary>True if programs do not outlive it.</summary>
    public bool IsOfSession => Description.Restart.Mode == RestartMode.Session;

    /// <summary>Tells its loop something (<see cref="LoopBits"/>).</summary>
    public void Signal(int bit) => Loop.Signal(1ul << bit);

    /// <summary>Takes back what was signalled to a process that has ended. Interrupts may be among it: a driver looks at its device when it starts.</summary>
    public void ClearSignals() => Loop.Wait(0, out _);
}
