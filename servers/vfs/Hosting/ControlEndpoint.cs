using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;
using Servers.Vfs.Requests;
using Servers.Vfs.Terminals;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Hosting;

/// <summary>The control protocol of the process server (<see cref="VfsControlOperation"/>): answered at once, but for the drain before power-off.</summary>
internal sealed class ControlEndpoint
{
    private const int AttachHandles = 3;

    // What fits behind the count.
    private const int MostSignals = 7;

    private readonly EventLoop loop;
    private readonly VfsServer server;
    private readonly ProcessRegistry registry;
    private readonly Log log;
    private readonly uint generation;
    private readonly PendingSignals signals;
    private readonly TerminalDrain drain;
    private readonly IHeapRoom room;
    private readonly DeviceServerTable deviceServers;
    private readonly PostedCalls posted;
    private readonly Func<uint> state;
    private readonly ProcessCalls calls;
    private NotificationHandle signalDoorbell;

    /// <summary>
    /// Serves <paramref name="registry"/>. <paramref name="state"/>: what the process server is told that holds, bits of <see cref="ControlLayout"/>.
    /// </summary>
    public ControlEndpoint(
        EventLoop loop, VfsServer server, ProcessRegistry registry, PendingSignals signals, TerminalDrain drain, IHeapRoom room, Log log, uint generation,
        DeviceServerTable deviceServers, PostedCalls posted, Func<uint> state)
    {
        this.state = state;
        calls = new ProcessCalls(registry, space => Close((ClientChannel)space.Channel));
        this.posted = posted;
        this.deviceServers = deviceServers;
        this.room = room;
        this.signals = signals;
        this.drain = drain;
        signals.Arrived = RingForSignals;
        this.loop = loop;
        this.server = server;
        this.registry = registry;
        this.log = log;
        this.generation = generation;
    }

    /// <summary>One message.</summary>
    public void Receive(in Message message)
    {
        posted.BeginTurn(); // a child's handles are those that its parent has opened so far
        Serve(message);
        posted.EndTurn();
    }

    private void Serve(in Message message)
    {
        var reply = new ReplyHandle(message.ReplyHandle);
        if (message.Words[0] == (ulong)VfsControlOperation.RegisterDevices && message.HandleCount == 1)
        {
            deviceServers.Register(message, reply);
            return;
        }

        // Whoever may call could otherwise say who is who: only the server that makes programs knows.
        if ((message.Badge & ServerBadge.MakesPrograms) == 0)
        {
            message.CloseHandles();
            reply.Reply(Outcome.Of(Errno.EPERM));
            return;
        }

        var operation = (VfsControlOperation)message.Words[0];
        if (operation == VfsControlOperation.Attach)
        {
            Attach(message, reply);
        }
        else if (operation == VfsControlOperation.SetSignalDoorbell && message.HandleCount == 1)
        {
            if (signalDoorbell.Handle.IsValid)
                signalDoorbell.Handle.Close();
            signalDoorbell = new NotificationHandle(message.Handles[0]);
            RingForSignals();
            reply.Reply(0);
        }
        else if (operation == VfsControlOperation.SharePosted && message.HandleCount == 1)
        {
            var memory = new MemoryObjectHandle(message.Handles[0]);
            KernelStatus status = SealedMemory.TryMap(memory, ControlLayout.Length, out MappedMemory? mapped);
            memory.Handle.Close(); // the mapping keeps it
            if (status == KernelStatus.Ok)
                posted.Control = new PostedControl(mapped!, calls, state);
            reply.Reply(status == KernelStatus.Ok ? 0 : Outcome.Of(Errno.EINVAL));
        }
        else if (operation == VfsControlOperation.TakeSignals)
        {
            TakeSignals(reply);
        }
        else if (operation == VfsControlOperation.DrainTerminals)
        {
            drain.Wait(() => reply.Reply(0));
        }
        else if (operation == VfsControlOperation.AttachPool && message.HandleCount == 1)
        {
            var pool = new MemoryObjectHandle(message.Handles[0]);
            long result = AttachPool((uint)message.Words[1], (uint)message.Words[2], pool, message.Words[3]);
            if (result < 0)
                pool.Handle.Close();
            reply.Reply(result);
        }
        else
        {
            message.CloseHandles();
            long result = Serve(operation, message);
            if (reply.IsValid)
                reply.Reply(result);
        }
    }

    private void RingForSignals()
    {
        if (signalDoorbell.Handle.IsValid && signals.Count > 0)
            signalDoorbell.Signal(ulong.MaxValue >> 1);
    }

    // What is taken here is gone: the reply brings it to the one process server that there is, whose end would end all programs anyway.
    private void TakeSignals(ReplyHandle reply)
    {
        Message answer = default;
        int count = 0;
        while (count < MostSignals && signals.TryTake(out int target, out int signal))
            answer.Words[++count] = (uint)target | (ulong)signal << 32;
        answer.Words[0] = (ulong)count;
        reply.Reply(ref answer);
    }

    private long Serve(VfsControlOperation operation, in Message message)
    {
        if (calls.Serve(in message.Words) is { } result)
            return result;
        ulong a0 = message.Words[1];
        switch (operation)
        {
            case VfsControlOperation.ServePosted:
                return 0; // it was, before this message
            case VfsControlOperation.SetCredentials:
                return registry.SetCredentials((uint)a0, ReadCredentials(message));
            case VfsControlOperation.SetSession:
                return registry.SetSession((uint)a0, (uint)message.Words[2], (uint)message.Words[3], message.Words[4] != 0);
            case VfsControlOperation.DetachPool:
                return DetachPool((uint)a0, (uint)message.Words[2]);
            case VfsControlOperation.NameServer:
                return deviceServers.Name(message);
            case VfsControlOperation.SetFileSizeLimit:
                return registry.SetFileSizeLimit((uint)a0, message.Words[2]);
            default:
                return Outcome.Of(Errno.ENOSYS);
        }
    }

    private static Credentials ReadCredentials(in Message message)
    {
        const int firstGroupWord = 5, groupWords = 3;
        ulong effective = message.Words[2];
        ulong real = message.Words[3];
        int count = (int)Math.Min(message.Words[4], groupWords * 2);
        var groups = new uint[count];
        for (int index = 0; index < count; index++)
            groups[index] = (uint)(message.Words[firstGroupWord + index / 2] >> (index % 2 * 32));
        return new Credentials((uint)effective, (uint)(effective >> 32), (uint)real, (uint)(real >> 32), groups);
    }

    private void Attach(in Message message, ReplyHandle reply)
    {
        long result = TryAttach(message, out ClientChannel? channel);
        if (result < 0)
        {
            message.CloseHandles();
            reply.Reply(result);
            return;
        }

        if (channel!.Server.TryAnswerAttach(reply) == KernelStatus.Ok)
            return;
        registry.Detach(channel.Connection.Id);
        Close(channel);
        reply.Reply(Outcome.Of(Errno.ENOMEM));
    }

    private void Close(ClientChannel channel)
    {
        posted.Forget(channel.Connection);
        channel.Connection.DropPermits();
        channel.Close();
    }

    private long AttachPool(uint id, uint number, MemoryObjectHandle memory, ulong length)
    {
        if (!registry.Connections.TryGetValue(id, out AttachedSpace? connection))
            return Outcome.Of(Errno.ESRCH);
        return ((ClientChannel)connection.Channel).Server.TryAttachPool(number, memory, length) switch
        {
            KernelStatus.Ok => 0,
            KernelStatus.NoMemory or KernelStatus.NoHandle => Outcome.Of(Errno.ENOMEM),
            KernelStatus.Occupied => Outcome.Of(Errno.EEXIST),
            _ => Outcome.Of(Errno.EINVAL),
        };
    }

    private long DetachPool(uint id, uint number)
    {
        if (!registry.Connections.TryGetValue(id, out AttachedSpace? space))
            return Outcome.Of(Errno.ESRCH);
        var channel = (ClientChannel)space.Channel;
        if (number == 0 || channel.Pool(number).IsEmpty)
            return Outcome.Of(Errno.EINVAL);
        if (channel.Connection.Uses(number))
            return Outcome.Of(Errno.EBUSY);
        channel.Server.DetachPool(number);
        return 0;
    }

    private long TryAttach(in Message message, out ClientChannel? channel)
    {
        channel = null;
        uint id = (uint)message.Words[1];
        uint parent = (uint)message.Words[4];
        if (message.HandleCount != AttachHandles)
            return Outcome.Of(Errno.EINVAL);
        Errno error = registry.CheckAttach(id, parent);
        if (error != Errno.None)
            return Outcome.Of(error);
        // A program that is executed keeps little: who frees memory may be one.
        if (parent != 0 && registry.Processes.TryGetValue(parent, out ClientProcess? process) && !room.Has(process.Credentials.IsPrivileged))
            return Outcome.Of(Errno.ENOMEM);
        var made = new ClientChannel(new KernelClientSpace(new AddressSpaceHandle(message.Handles[2])));
        var handler = new ClientHandler(server, posted, made, log);
        var memory = new MemoryObjectHandle(message.Handles[0]);
        var completions = new NotificationHandle(message.Handles[1]);
        ConnectionServer? connection = null;
        KernelStatus status = message.Words[5] != VfsLimits.Shape.Length
            ? KernelStatus.BadArgument
            : ConnectionServer.TryAttach(loop, memory, VfsLimits.Shape, completions, generation, handler, out connection);
        if (status != KernelStatus.Ok)
            return Outcome.Of(status == KernelStatus.NoMemory ? Errno.ENOMEM : Errno.EINVAL);
        made.Server = connection!;
        made.Connection = new ClientConnection(id, made) { Posted = new PostedRing(connection!.Memory) };
        channel = made;
        return registry.Attach(made.Connection, (uint)message.Words[2], (uint)message.Words[3], parent);
    }
}
