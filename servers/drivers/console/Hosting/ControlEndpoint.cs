using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Drivers.Console.Hosting;

/// <summary>Control calls: connecting (<see cref="ConnectOperation"/>). The lines have one client.</summary>
internal sealed class ControlEndpoint
{
    private readonly SoleClient<SerialConnection> client;

    /// <summary>Serves the driver's endpoint.</summary>
    public ControlEndpoint(EventLoop loop, ConsoleServer server, ServerContext context) => client = new SoleClient<SerialConnection>(
        loop, context, SerialLimits.Shape, number => new SerialConnection(server, context, number)) { Attached = server.Attach };

    /// <summary>One message.</summary>
    public void Receive(in Message message)
    {
        if (client.TryServe(message))
            return;
        message.CloseHandles();
        var reply = new ReplyHandle(message.ReplyHandle);
        if (reply.IsValid)
            reply.Reply(-Errno.ENOSYS);
    }

    /// <summary>A client has ended: its memory is let go if it was this driver's client.</summary>
    public void DropLostClient() => client.DropIfLost();
}
