namespace Libsys.Linux;

/// <summary>Numbers of socket(2), send(2) and recv(2) on x86-64.</summary>
public static class SocketNumbers
{
#pragma warning disable CS1591 // socket(2), send(2), recv(2), socket(7)
    public const int UnixFamily = 1, UnspecifiedFamily = 0, MostFamilies = 46;
    public const uint Stream = 1, Datagram = 2, Raw = 3, SequencedPacket = 5, MostTypes = 11, TypeMask = 0xF;
    public const uint MsgOutOfBand = 1, MsgPeek = 2, MsgControlTruncated = 8, MsgTruncated = 0x20, MsgDontWait = 0x40, MsgEndOfRecord = 0x80,
        MsgWaitAll = 0x100, MsgNoSignal = 0x4000, MsgMore = 0x8000, MsgWaitForOne = 0x10000, MsgBatch = 0x40000, MsgCloseOnExec = 0x40000000;
    public const uint SocketLevel = 1, Rights = 1, Credentials = 2;
#pragma warning restore CS1591

    /// <summary>Bytes of struct ucred, and of struct cmsghdr.</summary>
    public const uint CredentialsLength = 12, ControlHeader = 16;
}
