using Libsys.Abi;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting;

/// <summary>Serves the requests of a server's only client.</summary>
public interface ISoleClientHandler : IConnectionHandler
{
    /// <summary>The rings; set once, right after they were attached.</summary>
    ConnectionServer Rings { set; }
}

/// <summary>
/// The one client of a server that serves no more, a driver of vfs' say: whoever attaches (<see cref="ConnectOperation"/>) takes the place of who was there,
/// for it is a new client or a new life of the old one.
/// </summary>
/// <typeparam name="THandler">Serves its requests.</typeparam>
/// <param name="loop">The server's loop.</param>
/// <param name="context">What the server was started with.</param>
/// <param name="shape">Of the protocol's connections.</param>
/// <param name="make">Makes the handler for a client, of which it gets the number (<see cref="ServerBadge.Number"/>).</param>
public sealed class SoleClient<THandler>(EventLoop loop, ServerContext context, ConnectionShape shape, Func<ulong, THandler> make)
    where THandler : class, ISoleClientHandler
{
    private const int AttachHandles = 2;
    private const long InvalidArgument = -22; // −EINVAL

    private ConnectionServer? rings;
    private ulong number;

    /// <summary>Called with each new client, before the one before it is let go.</summary>
    public Action<THandler>? Attached { get; init; }

    /// <summary>True for a message of the present client.</summary>
    public bool IsFrom(in Message message) => rings is not null && number == ServerBadge.Number(message.Badge);

    /// <summary>Serves a message that attaches. False: it is another one, and nothing has happened.</summary>
    public bool TryServe(in Message message)
    {
        if (message.Words[0] != (ulong)ConnectOperation.Attach || message.HandleCount != AttachHandles)
            return false;
        var reply = new ReplyHandle(message.ReplyHandle);
        ulong from = ServerBadge.Number(message.Badge);
        THandler handler = make(from);
        ConnectionServer? made = null;
        KernelStatus status = message.Words[1] != shape.Length
            ? KernelStatus.BadArgument
            : ConnectionServer.TryAttach(
                loop, new MemoryObjectHandle(message.Handles[0]), shape, new NotificationHandle(message.Handles[1]), context.Generation, handler, out made);
        if (status != KernelStatus.Ok)
            message.CloseHandles();
        else if ((status = made!.TryAnswerAttach(reply)) != KernelStatus.Ok)
            made.Close();
        if (status != KernelStatus.Ok)
        {
            if (reply.IsValid)
                reply.Reply(InvalidArgument);
            return true;
        }

        handler.Rings = made!;
        Attached?.Invoke(handler);
        rings?.Close();
        (rings, number) = (made, from);
        return true;
    }

    /// <summary>Some client has ended: its memory is let go if it was this one.</summary>
    public void DropIfLost()
    {
        if (rings is null || context.Directory is null || context.Directory.IsAlive(number))
            return;
        rings.Close();
        rings = null;
    }
}
