using Libsys.Rings;

namespace Tests.Servers.Counting;

/// <summary>Requests to the counter, a server of tests. V0 of each answer is A1: the client's number of the request. Results are 0 or −errno.</summary>
internal enum CounterOperation : ushort
{
    /// <summary>A0 number to add, A1 request, A2 client (below <see cref="CounterLimits.Clients"/>): answered at once.</summary>
    Add = 1,
    /// <summary>The same in two steps: it is added now and answered later, behind others.</summary>
    AddLater = 2,
    /// <summary>A1 request, A2 client → V1 requests of this client that were added, V2 their sum, V3 the sum of all clients.</summary>
    Query = 3,
    /// <summary>The server uses a null reference: a request that kills whoever serves it. −EIO from a process that refuses it.</summary>
    Crash = 4,
    /// <summary>The server damages its kept state, then fails as above: nobody can go on from there.</summary>
    Damage = 5,
}

/// <summary>Limits of the counter.</summary>
internal static class CounterLimits
{
    /// <summary>Clients told apart.</summary>
    public const int Clients = 8;
    /// <summary>Of a connection: there is no payload.</summary>
    public static ConnectionShape Shape => new(slots: 64, poolLength: 0);
}
