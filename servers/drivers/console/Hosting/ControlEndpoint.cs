using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;

namespace Servers.Drivers.Console.Hosting;

/// <summary>Control calls: connecting (<see cref="ConnectOperation"/>).</summary>
internal sealed class ControlEndpoint
{
    private const int AttachHandles = 2;

    private readonly EventLoop loop;
    private readonly ConsoleServer server;
    private readonly ServerContext context;
    private SerialConnection? current;

    /// <summary>Serves the driver's endpoint.</summary>
    public ControlEndpoint(EventLoop loop, ConsoleServer server, ServerContext context)
    {
        this.loop = loop;
        this.server = server;
        this.context = context;
    }

    /// <summary>One message.</summary>
    public void Receive(in Message message)
    {
        var reply = new ReplyHandle(message.ReplyHandle);
        if (message.Words[0] == (ulong)ConnectOperation.Attach && message.HandleCount == AttachHandles)
        {
            Attach(message, reply);
            return;
        }

        message.CloseHandles();
        Answer(reply, -Errno.ENOSYS);
    }

    /// <summary>A client has ended: its memory is let go if it was this driver's client.</summary>
    public void DropLostClient()
    {
        if (current is null || context.Directory is null || context.Directory.IsAlive(current.Badge))
            return;
        current.Rings.Close();
        current = null;
    }

    private void Attach(in Message message, ReplyHandle reply)
    {
        var client = new SerialConnection(server, context, ServerBadge.Number(message.Badge));
        var memory = new MemoryObjectHandle(message.Handles[0]);
        var completions = new NotificationHandle(message.Handles[1]);
        ConnectionServer? connection = null;
        KernelStatus status = message.Words[1] != SerialLimits.Shape.Length
            ? KernelStatus.BadArgument
            : ConnectionServer.TryAttach(loop, memory, SerialLimits.Shape, completions, context.Generation, client, out connection);
        if (status != KernelStatus.Ok)
        {
            message.CloseHandles();
            Answer(reply, -Errno.EINVAL);
            return;
        }

        if (connection!.TryAnswerAttach(reply) != KernelStatus.Ok)
        {
            connection.Close();
            Answer(reply, -Errno.EINVAL);
            return;
        }

        // The lines have one client, and this is a new one or a new life of the old one.
        client.Rings = connection;
        server.Attach(client);
        current?.Rings.Close();
        current = client;
    }

    private static void Answer(ReplyHandle reply, long result)
    {
        if (reply.IsValid)
            reply.Reply(result);
    }
}
