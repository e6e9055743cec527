namespace Libsys.Messages;

/// <summary>
/// Calls of a server to the supervisor (handle <see cref="Libsys.Abi.WellKnownHandle.Control"/> in every server). Word 0 operation, reply word 0: 0 or −errno.
/// </summary>
public enum SupervisorOperation : ulong
{
    /// <summary>(): the caller answers requests now; servers that depend on it may start.</summary>
    Ready = 1,
    /// <summary>
    /// (<see cref="PowerAction"/>, exit code for <see cref="PowerAction.Off"/>): ends the machine. Only for servers that are granted "power".
    /// </summary>
    Power = 2,
    /// <summary>
    /// (generation of the peer; name of the peer in words 2–7: UTF-8, padded with zeros): the peer broke the protocol of a connection with the caller. Counts
    /// only while that generation runs and one of the two depends on the other: the peer is ended and started again.
    /// </summary>
    Violation = 3,
    /// <summary>
    /// () → word 1: generation, word 2: as <see cref="StartSetting.Attempt"/>. For a spare, when it has done all that needs no hardware: answered when it takes
    /// its predecessor's place.
    /// </summary>
    Standby = 4,
    /// <summary>
    /// (0; name in words 2–7): ends a server and starts it again. Only for servers that are granted "servers:restart": the one that shows /sys/servers, which
    /// has checked that root asks.
    /// </summary>
    Restart = 5,
    /// <summary>(<see cref="InjectedFault"/>; name in words 2–7): makes a server fail. Who may: as for <see cref="Restart"/>.</summary>
    Inject = 6,
    /// <summary>
    /// (): the caller met an unexpected exception and has described it in its health page. Never answered: the supervisor reports and ends the caller.
    /// </summary>
    Failing = 7,
    /// <summary>
    /// (0; name in words 2–7) + 1 to 4 handles: the caller's name stands for these handles from now on, in place of those before. −EINVAL: name or number of
    /// handles; −EACCES: a handle arrived without Duplicate; −ENOSPC: the server has all the names that it may have; −EAGAIN: the caller is a spare. Handles
    /// that come with other operations are closed.
    /// </summary>
    Keep = 8,
    /// <summary>(0; name in words 2–7) → the handles that the name stands for, with the rights that were kept; the name stays. −ENOENT.</summary>
    Find = 9,
    /// <summary>(0; name or none in words 2–7) → name in words 2–7: the first one behind it in the order of bytes. −ENOENT: none.</summary>
    NextName = 10,
    /// <summary>(0; name in words 2–7): the name stands for nothing any more. −ENOENT: it did not.</summary>
    Release = 11,
    /// <summary>
    /// (generation of the peer; name of the peer in words 2–7): the caller has waited for the peer for longer than it should, on what the peer does by itself.
    /// Who may: as for <see cref="Violation"/>. The peer is asked for a sign of life at once, and ended if it gives none (docs/supervision.md).
    /// </summary>
    Suspect = 12,
    /// <summary>
    /// (generation of the peer; name of the peer in words 2–7): a device of the peer's has reached for memory that was not lent to it, and was refused. Who may
    /// and what becomes of it: as for <see cref="Violation"/>.
    /// </summary>
    Stray = 13,
    /// <summary>
    /// (signal | si_code &lt;&lt; 32, rip, rsp, rbp, si_addr or sender, thread id): a signal that nobody handles ended the server. The words are of the thread
    /// that the message names by its slot: it stands still in this call, and all its program registers are the <see cref="Libsys.Abi.RegisterFrame"/> at
    /// <see cref="Libsys.Abi.Window.ThreadBlockOf"/> of the slot, in the server's space. Never answered: the supervisor reads what it wants and ends the space.
    /// Other threads still run; whoever wants them still suspends the space.
    /// </summary>
    Crashed = 16,
    /// <summary>(wait status as wait4 reports it: code &lt;&lt; 8): the server ended by itself. Never answered: the supervisor ends the space.</summary>
    Exited = 17,
}

/// <summary>Reply word 0 of <see cref="SupervisorOperation.Keep"/> and the operations behind it: −errno.</summary>
public static class KeepError
{
#pragma warning disable CS1591 // names of Linux' numbers; SupervisorOperation says when each comes
    public const long None = 0, NoSuchName = -2, NotNow = -11, NoRight = -13, BadArgument = -22, NoRoom = -28;
#pragma warning restore CS1591
}

/// <summary>Faults that root can make a server commit, to see that the system gets over them.</summary>
public enum InjectedFault : ulong
{
    /// <summary>Uses a null reference.</summary>
    Crash = 1,
    /// <summary>Runs for ever without serving anybody.</summary>
    Hang = 2,
    /// <summary>Exits with status 3.</summary>
    Exit = 3,
    /// <summary>Writes hostile contents into the rings of its connections, indices among it.</summary>
    Garbage = 4,
    /// <summary>Waits for what never comes.</summary>
    Deadlock = 5,
    /// <summary>Takes memory until there is none.</summary>
    Exhaust = 6,
    /// <summary>Changes random words of its own memory, among objects that it uses.</summary>
    Wild = 7,
    /// <summary>Overwrites some of its own code.</summary>
    Code = 8,
    /// <summary>Its process ends at once, whatever it does: the only one that is also committed by a server that is not ready.</summary>
    Kill = 9,
    /// <summary>Does not answer a request that it has carried out.</summary>
    Drop = 10,
    /// <summary>Answers a request twice.</summary>
    Double = 11,
    /// <summary>Answers a request late.</summary>
    Delay = 12,
    /// <summary>Answers a request with a result that is not its own, or in the name of another one.</summary>
    Corrupt = 13,
    /// <summary>Has its device reach for memory that is not lent to it. Nothing, where no IOMMU would refuse that.</summary>
    Stray = 14,
    /// <summary>Says of all servers that they broke the protocol, as one may whose memory is spoilt.</summary>
    Accuse = 15,
    /// <summary>
    /// Ends at a request of a driver of disks, and the device of that disk ignores the reset that comes next: what is not done by it is the pci server's.
    /// Nothing, where a driver may keep nothing for its successors.
    /// </summary>
    Stuck = 16,
    /// <summary>The same, and the device ignores all resets from then on: the disk is lost.</summary>
    Dead = 17,
}

/// <summary>
/// Bits of a server's notification "loop" with a fixed meaning, most of them the supervisor's. Interrupts have those from <see cref="FirstInterrupt"/> up.
/// </summary>
public static class LoopBits
{
    /// <summary>First bit of interrupts.</summary>
    public const int FirstInterrupt = 48;
    /// <summary>Last bit of interrupts.</summary>
    public const int LastInterrupt = 54;
    /// <summary>The server's own: a timer of its loop is due.</summary>
    public const int Timer = 55;
    /// <summary>Some client of this server has ended: its connections are to be dropped. The server table tells who runs.</summary>
    public const int ClientGone = 56;
    /// <summary>A server that this one depends on has a new generation, or is not started again. The server table tells which.</summary>
    public const int PeerRestarted = 57;
    /// <summary>The server is to commit the fault that its health page names (<see cref="HealthPage.Fault"/>).</summary>
    public const int Fault = 61;
    /// <summary>The supervisor asks for a sign of life in the health page.</summary>
    public const int Heartbeat = 62;
}

/// <summary>Ways to end the machine.</summary>
public enum PowerAction : ulong
{
    /// <summary>Switch off.</summary>
    Off = 1,
    /// <summary>Reset.</summary>
    Restart = 2,
    /// <summary>Stop without switching off.</summary>
    Halt = 3,
}

/// <summary>
/// Control protocol of every server that takes connections from other servers, over its endpoint. Word 0 operation, reply word 0: 0 or −errno.
/// </summary>
public enum ConnectOperation : ulong
{
    /// <summary>
    /// (bytes of the rings' object) + handles: 0 the rings' sealed object (read, write), 1 the client's completion notification (signal); both with Duplicate,
    /// so that the server can keep them. Reply word 1: doorbell bits; reply handle 0:
    /// the doorbell (signal only, minted for these bits).
    /// </summary>
    Attach = 1,
}

/// <summary>Settings that the supervisor puts in the environment of a server.</summary>
public static class StartSetting
{
    /// <summary>Decimal generation of the server.</summary>
    public const string Generation = "GENERATION";
    /// <summary>Followed by the name of an interrupt handle: decimal bits of the notification "loop" that it signals.</summary>
    public const string InterruptBits = "INTERRUPT_";
    /// <summary>"1": the process is a spare, which waits in <see cref="SupervisorOperation.Standby"/> before it touches hardware or serves anybody.</summary>
    public const string Standby = "STANDBY";
    /// <summary>Decimal: how many processes before this one failed in a row without having run for long. See docs/keeping.md.</summary>
    public const string Attempt = "ATTEMPT";
    /// <summary>Which devices the servers of programs own, one after the other with a blank between: OWNER:NAME:MAJOR:MINOR:MODE, numbers decimal.</summary>
    public const string Devices = "DEVICES";
    /// <summary>Which functions of the PCI bus the servers drive, with a blank between: OWNER:VENDOR:DEVICE, identities hexadecimal.</summary>
    public const string Functions = "FUNCTIONS";
}
