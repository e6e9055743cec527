using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;

namespace Servers.Drivers.Console.Hosting;

/// <summary>Control calls: connecting (<see cref="ConnectOperation"/>), and those of <see cref="ConsoleControlOperation"/>.</summary>
internal sealed class ControlEndpoint
{
    private const long Einval = -22, Enosys = -38;
    private const int AttachHandles = 2;

    private readonly EventLoop loop;
    private readonly ConsoleServer server;
    private readonly SignalEndpoint signals;
    private readonly ServerContext context;
    private readonly List<ReplyHandle> drains = [];

    /// <summary>Serves the driver's endpoint.</summary>
    public ControlEndpoint(EventLoop loop, ConsoleServer server, SignalEndpoint signals, ServerContext context)
    {
        this.loop = loop;
        this.server = server;
        this.signals = signals;
        this.context = context;
    }

    /// <summary>One message.</summary>
    public void Receive(in Message message)
    {
        var reply = new ReplyHandle(message.ReplyHandle);
        switch (message.Words[0])
        {
            case (ulong)ConnectOperation.Attach when message.HandleCount == AttachHandles:
                Attach(message, reply);
                return;
            case (ulong)ConsoleControlOperation.SetSignalTarget when message.HandleCount == 1:
                signals.Connect(new EndpointHandle(message.Handles[0]));
                Answer(reply, 0);
                return;
            case (ulong)ConsoleControlOperation.Drain:
                CloseHandles(message);
                drains.Add(reply);
                signals.IsPeerWaiting = true;
                AnswerDrains();
                return;
            default:
                CloseHandles(message);
                Answer(reply, Enosys);
                return;
        }
    }

    /// <summary>Answers those who wait for the lines to be drained, if they are.</summary>
    public void AnswerDrains()
    {
        if (drains.Count == 0)
            return;
        if (!server.IsDrained)
        {
            loop.Post(ServeAndAnswer);
            return;
        }

        foreach (ReplyHandle reply in drains)
            Answer(reply, 0);
        drains.Clear();
        signals.IsPeerWaiting = false;
    }

    private void ServeAndAnswer()
    {
        server.ServeLines();
        AnswerDrains();
    }

    private void Attach(in Message message, ReplyHandle reply)
    {
        var handler = new ConsoleConnection(server, context.Log);
        var memory = new MemoryObjectHandle(message.Handles[0]);
        var completions = new NotificationHandle(message.Handles[1]);
        KernelStatus status = ConnectionServer.TryAttach(loop, memory, message.Words[1], completions, context.Generation, handler, out ConnectionServer? connection);
        if (status != KernelStatus.Ok)
        {
            CloseHandles(message);
            Answer(reply, Einval);
            return;
        }

        status = connection!.TryMintDoorbell(out NotificationHandle doorbell);
        if (status != KernelStatus.Ok)
        {
            connection.Close();
            Answer(reply, Einval);
            return;
        }

        Message answer = default;
        answer.Words[1] = connection.Bits;
        answer.HandleCount = 1;
        answer.Handles[0] = doorbell.Index;
        answer.Rights[0] = (uint)(Rights.Signal | Rights.Duplicate);
        reply.Reply(ref answer);
        doorbell.Handle.Close();
    }

    private static void CloseHandles(in Message message)
    {
        for (int index = 0; index < message.HandleCount; index++)
            new KernelHandle(message.Handles[index]).Close();
    }

    private static void Answer(ReplyHandle reply, long result)
    {
        if (reply.IsValid)
            reply.Reply(result);
    }
}
