namespace Libsys.Messages;

/// <summary>Calls of a server to the supervisor (handle <see cref="Libsys.Abi.WellKnownHandle.Control"/> in every server). Word 0 operation, reply word 0: 0 or −errno.</summary>
public enum SupervisorOperation : ulong
{
    /// <summary>(): the caller answers requests now; servers that depend on it may start.</summary>
    Ready = 1,
    /// <summary>(<see cref="PowerAction"/>, exit code for <see cref="PowerAction.Off"/>): ends the machine. Only for servers whose start table holds the handle "power".</summary>
    Power = 2,
    /// <summary>
    /// (signal | si_code &lt;&lt; 32, rip, rsp, rbp, si_addr or sender, thread id): a signal that nobody handles ended the server. The words are of the thread that the message names by its slot: it
    /// stands still in this call, and all its program registers are the <see cref="Libsys.Abi.RegisterFrame"/> at <see cref="Libsys.Abi.Window.ThreadBlockOf"/> of the slot, in
    /// the server's space. Never answered: the supervisor reads what it wants and ends the space. Other threads still run; whoever wants them still suspends the space.
    /// </summary>
    Crashed = 16,
    /// <summary>(wait status as wait4 reports it: code &lt;&lt; 8): the server ended by itself. Never answered: the supervisor ends the space.</summary>
    Exited = 17,
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

/// <summary>Control protocol of every server that takes connections from other servers, over its endpoint. Word 0 operation, reply word 0: 0 or −errno.</summary>
public enum ConnectOperation : ulong
{
    /// <summary>
    /// (connection bytes) + handles: 0 sealed memory object (read, write), 1 the client's completion notification (signal). Reply word 1: doorbell bits; reply handle 0:
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
}
