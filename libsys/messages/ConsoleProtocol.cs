namespace Libsys.Messages;

/// <summary>
/// Requests of vfs to the console driver, over a connection between servers. "line" is the serial port: 0 for COM1 (ttyS0 and the console), 1 and 2 for COM2
/// and COM3. "who" is process group | session &lt;&lt; 32 of the process that asks, "process" its pid | 1 &lt;&lt; 32 if it leads its session: vfs knows both from the
/// process server. Results are a value ≥ 0 or −errno. A terminal without a foreground group lets everybody read and write.
/// </summary>
public enum ConsoleOperation : ushort
{
    /// <summary>A0 line, A1 who, A2 cookie, A3 1 = do not wait → bytes taken from the pool buffer, all of them: the answer comes when the last is in the output queue. (waits)</summary>
    Write = 1,
    /// <summary>A0 line, A1 who, A2 cookie, A3 1 = do not wait → bytes in the pool buffer; 0 at ^D; −EAGAIN. (waits)</summary>
    Read = 2,
    /// <summary>A0 line, A1 who, A2 cookie, A3 request | process &lt;&lt; 32 (leader flag in the slot's Flags), A4 argument; structure in the pool buffer, both ways. (waits: TCSETSW, TCSBRK)</summary>
    Control = 3,
    /// <summary>A0 line, A1 sequence seen → V0 sequence, V1 bits now (POLLIN, POLLOUT), as soon as the sequence differs. (waits)</summary>
    Poll = 4,
    /// <summary>A0 line, A1 cookie: ends the waiting request, which answers −EINTR or what it has.</summary>
    Cancel = 5,
    /// <summary>A0 line → 0 when everything written so far has left the machine. (waits)</summary>
    Drain = 6,
    /// <summary>A0 line, A1 session: its leader is gone or gives the terminal up.</summary>
    ReleaseSession = 7,
}

/// <summary>Limits of the console protocol.</summary>
public static class ConsoleLimits
{
    /// <summary>Serial lines.</summary>
    public const int Lines = 3;
    /// <summary>Bytes of the connection's pool: 32 pieces.</summary>
    public const int PoolLength = Pieces * PieceLength;
    /// <summary>Bytes that one request carries. vfs cuts longer writes.</summary>
    public const int PieceLength = 4096;
    /// <summary>Pieces in the pool.</summary>
    public const int Pieces = 32;
    /// <summary><see cref="Rings.Submission.Flags"/> of Control: the process leads its session.</summary>
    public const ushort LeaderFlag = 1;
    /// <summary><see cref="Rings.Submission.Flags"/> of Control: the process has CAP_SYS_ADMIN.</summary>
    public const ushort PrivilegedFlag = 2;
}

/// <summary>Further calls to the console driver's endpoint, beside <see cref="ConnectOperation"/>. Word 0 operation, reply word 0: 0 or −errno.</summary>
public enum ConsoleControlOperation : ulong
{
    /// <summary>
    /// () + handle 0: an endpoint of the process server (signal) that takes <see cref="ProcessOperation.Kill"/> for any process group (pid = −group). The process server
    /// calls this at its start; until then ^C signals nobody.
    /// </summary>
    SetSignalTarget = 16,
    /// <summary>() → 0 when everything written so far has left the machine: before power-off. Answered late.</summary>
    Drain = 17,
}
