using Libsys.Hosting;
using Servers.Vfs.Objects;
using Servers.Vfs.Pipes;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Sockets;

/// <summary>What all sockets have in common: names, memory, what is on its way, and the bounds of it all.</summary>
/// <param name="clock">For time-outs.</param>
/// <param name="streams">Memory of streams.</param>
/// <param name="makeAlarm">Makes an alarm that calls back.</param>
public sealed class SocketSystem(IClock clock, PipeMemory streams, Func<Action, IAlarm> makeAlarm)
{
    // A socket takes less than a KiB of the heap. A user gets half of them, so that another finds some.
    private const int MostSockets = 8192, MostOfUser = MostSockets / 2;

    // Messages of datagrams and sequenced packets: as much as pipes get before they get less, half of it at most for a user.
    private const long MessageBytes = 8 << 20;

    private readonly Dictionary<uint, int> ofUsers = [];
    private int count;

    /// <summary>Names.</summary>
    public SocketNames Names { get; } = new();

    /// <summary>Descriptors on their way.</summary>
    public InFlightFiles InFlight { get; } = new();

    /// <summary>Memory of streams.</summary>
    public PipeMemory Streams => streams;

    /// <summary>Bytes of messages that nobody has received yet.</summary>
    public UserBudget Messages { get; } = new(MessageBytes);

    /// <summary>Now.</summary>
    public IClock Clock => clock;

    /// <summary>An alarm.</summary>
    public IAlarm MakeAlarm(Action expired) => makeAlarm(expired);

    /// <summary>Counts a socket: ENFILE if there are too many, of all or of a user.</summary>
    public Errno TryCount(uint user, bool isPrivileged)
    {
        if (count == MostSockets || (!isPrivileged && ofUsers.GetValueOrDefault(user) >= MostOfUser))
            return Errno.ENFILE;
        count++;
        ofUsers[user] = ofUsers.GetValueOrDefault(user) + 1;
        return Errno.None;
    }

    /// <summary>A socket is gone.</summary>
    public void Uncount(uint user)
    {
        count--;
        if (--ofUsers[user] == 0)
            ofUsers.Remove(user);
    }
}
