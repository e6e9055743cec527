namespace Libsys.Linux;

/// <summary>ioctl(2) requests of terminals with Linux' numbers, tty_ioctl(4).</summary>
public static class TerminalRequest
{
#pragma warning disable CS1591 // TCGETS, TCSETS, TCSETSW, TCSETSF and so on, in the words of the manual page
    public const uint GetTermios = 0x5401, SetTermios = 0x5402, SetTermiosDrain = 0x5403, SetTermiosFlush = 0x5404, GetTermio = 0x5405, SetTermio = 0x5406,
        SetTermioDrain = 0x5407, SetTermioFlush = 0x5408, SendBreak = 0x5409, FlowControl = 0x540A, Flush = 0x540B, SetExclusive = 0x540C,
        ClearExclusive = 0x540D,
        SetControlling = 0x540E, GetForeground = 0x540F, SetForeground = 0x5410, BytesQueued = 0x5411, SimulateInput = 0x5412, GetWindowSize = 0x5413,
        SetWindowSize = 0x5414, GetModem = 0x5415, SetModemBits = 0x5416, ClearModemBits = 0x5417, SetModem = 0x5418, GetSoftCarrier = 0x5419,
            SetSoftCarrier = 0x541A,
        BytesReadable = 0x541B, PacketMode = 0x5420, GiveUp = 0x5422, SetDiscipline = 0x5423, GetDiscipline = 0x5424, SendBreakPosix = 0x5425,
            StartBreak = 0x5427,
        StopBreak = 0x5428, GetSession = 0x5429, VirtualHangUp = 0x5437, OpenPeer = 0x5441, GetTermios2 = 0x802C542A, SetTermios2 = 0x402C542B,
        SetTermios2Drain = 0x402C542C, SetTermios2Flush = 0x402C542D, GetNumber = 0x80045430, SetLock = 0x40045431, GetPacketMode = 0x80045438,
            GetLock = 0x80045439,
        GetExclusive = 0x80045440;
#pragma warning restore CS1591

    /// <summary>Changes what others see: not for the background, POSIX.1 §11.1.4.</summary>
    public static bool IsChange(uint operation) =>
        operation is SetTermios or SetTermio or Flush or FlowControl or SetForeground or SetDiscipline or StartBreak or StopBreak or SetTermios2
        || WaitsForOutput(operation);

    /// <summary>Waits until all output has left.</summary>
    public static bool WaitsForOutput(uint operation) => operation is SetTermiosDrain or SetTermiosFlush or SetTermioDrain or SetTermioFlush or SetTermios2Drain
        or SetTermios2Flush or SendBreak or SendBreakPosix or StartBreak;
}
