namespace Libsys.Messages;

/// <summary>Limits of sockets that client and server agree on.</summary>
public static class SocketLimits
{
    /// <summary>Bytes of sun_path, unix(7).</summary>
    public const int AddressLength = 108;

    /// <summary>Descriptors in one message (SCM_MAX_FD), unix(7).</summary>
    public const int MostRights = 253;

    /// <summary>Bytes of room for an address in the pool: <see cref="AddressLength"/>, rounded so that what follows is aligned.</summary>
    public const int AddressRoom = 112;
}

/// <summary>A2 and A3 of <see cref="VfsOperation.Send"/>.</summary>
public static class SendArguments
{
    /// <summary>In A2: there are credentials (SCM_CREDENTIALS); there is an address, which may be empty; more data follows in further requests.</summary>
    public const ulong HasCredentials = 1ul << 40, HasAddress = 1ul << 41, IsPartial = 1ul << 42;

    /// <summary>A2: bytes of the address, number of handles. A3 is the pid of the credentials.</summary>
    public static ulong Of(uint addressLength, uint rights) => addressLength | (ulong)rights << 16;

    /// <summary>Bytes of the address.</summary>
    public static int AddressOf(ulong word) => (ushort)word;

    /// <summary>Number of handles.</summary>
    public static int RightsOf(ulong word) => (ushort)(word >> 16);
}

/// <summary>A2 of <see cref="VfsOperation.Receive"/>.</summary>
public static class ReceiveArguments
{
    /// <summary>The caller gave msg_control, or at least a struct msghdr: what does not fit there is said. Without: nothing beside data is wanted.</summary>
    public const ulong HasHeader = 1ul << 40;

    /// <summary>Bytes of room for the address, and number of places for rights, before the data.</summary>
    public static ulong Of(uint addressRoom, uint rights) => addressRoom | (ulong)rights << 16;

    /// <summary>Room for the address.</summary>
    public static int AddressRoomOf(ulong word) => (ushort)word;

    /// <summary>Places for rights.</summary>
    public static int RightsOf(ulong word) => (ushort)(word >> 16);
}

/// <summary>V0 of answers about sockets.</summary>
public static class SocketAnswer
{
    /// <summary>An error that is interrupted is EINTR even with SA_RESTART, for there is a time-out, signal(7).</summary>
    public const ulong IsTimed = 1;

    /// <summary>−EPIPE without SIGPIPE: only streams raise it.</summary>
    public const ulong IsSilent = 2;

    /// <summary>The message was longer (MSG_TRUNC).</summary>
    public const ulong IsCut = 4;

    /// <summary>Control data was lost (MSG_CTRUNC).</summary>
    public const ulong LostControl = 8;

    /// <summary>There are credentials.</summary>
    public const ulong HasCredentials = 16;

    /// <summary>V0 of Receive, with an address of so many bytes (0: none), so many rights, and the number of the message whose rest is to be taken.</summary>
    public static ulong Of(ulong bits, int addressLength, int rights, uint rest) =>
        bits | (ulong)addressLength << 16 | (ulong)rights << 32 | (ulong)rest << 48;

    /// <summary>Number of the message whose rest <see cref="VfsOperation.TakeMessage"/> gives; 0: there is none.</summary>
    public static uint RestOf(ulong word) => (ushort)(word >> 48);

    /// <summary>Bytes of the address.</summary>
    public static uint AddressOf(ulong word) => (ushort)(word >> 16);

    /// <summary>Number of rights.</summary>
    public static uint RightsOf(ulong word) => (ushort)(word >> 32);
}

/// <summary>A descriptor that has come with a message: what <see cref="VfsOperation.Open"/> would have answered. Offsets.</summary>
public static class SocketRight
{
    /// <summary>Bytes of one.</summary>
    public const int Length = 24;

    /// <summary>Handle, in the receiver's table; st_mode; access mode or O_PATH; number of the server that has its data: 32 bits each.</summary>
    public const int Handle = 0, Mode = 4, Access = 8, Server = 12;

    /// <summary><see cref="OpenedFile"/>, and one of those below: 64 bits.</summary>
    public const int Opened = 16;

    /// <summary>In <see cref="Opened"/>: it can be mapped (<see cref="VfsOperation.MapStream"/>, <see cref="VfsOperation.MapSource"/>).</summary>
    public const ulong IsStream = 1ul << 32, IsCounter = 1ul << 33, IsTimer = 1ul << 34;

    /// <summary>In <see cref="Opened"/>: a signalfd, which is mapped likewise and read in the process alone.</summary>
    public const ulong IsSignals = 1ul << 35;

    /// <summary>In <see cref="Opened"/>: a set of epoll(7).</summary>
    public const ulong IsSet = 1ul << 36;

    /// <summary>In <see cref="Opened"/>: a socket with messages, which can be mapped as a stream.</summary>
    public const ulong IsMessages = 1ul << 37;
}
