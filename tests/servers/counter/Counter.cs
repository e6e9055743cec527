using Libsys.Hosting.Keeping;
using Libsys.Rings;

namespace Tests.Servers.Counting.Server;

/// <summary>The sums, in kept words. Knows nothing of connections: what it changes is committed by whoever answers the request.</summary>
/// <param name="state">Where they are.</param>
internal sealed class Counter(KeptState state)
{
    /// <summary>Bytes of its words.</summary>
    public const ulong Length = ClientSums + CounterLimits.Clients * ClientLength;

    private const ulong Total = 0x00, ClientSums = 0x40, ClientLength = 16, Requests = 0, Sum = 8;
    private const ulong At = KeptState.Start;
    private const long InvalidArgument = -22, NotSupported = -95;

    /// <summary>The sum of all clients.</summary>
    public ulong Value => state.Read(At + Total);

    /// <summary>
    /// Serves a request from where its mark says that it stands. True: <paramref name="completion"/> answers it. False: a step of it is done; the new mark is
    /// to be committed with what was set, and the request to be served again later.
    /// </summary>
    public bool Serve(in Submission request, ref ulong mark, out Completion completion)
    {
        completion = new Completion { Tag = request.Tag, V0 = request.A1 };
        if (request.A2 >= CounterLimits.Clients)
        {
            completion.Result = InvalidArgument;
            return true;
        }

        ulong client = At + ClientSums + request.A2 * ClientLength;
        switch ((CounterOperation)request.Operation)
        {
            case CounterOperation.Add:
                Add(client, request.A0);
                return true;
            case CounterOperation.AddLater when mark == 0:
                Add(client, request.A0);
                mark = 1;
                return false;
            case CounterOperation.AddLater:
                return true;
            case CounterOperation.Query:
                completion.V1 = state.Read(client + Requests);
                completion.V2 = state.Read(client + Sum);
                completion.V3 = Value;
                return true;
            default:
                completion.Result = NotSupported;
                return true;
        }
    }

    private void Add(ulong client, ulong number)
    {
        state.Set(client + Requests, state.Read(client + Requests) + 1);
        state.Set(client + Sum, state.Read(client + Sum) + number);
        state.Set(At + Total, Value + number);
    }
}
