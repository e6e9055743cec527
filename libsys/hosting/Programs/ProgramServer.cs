using Libsys.Abi;
using Libsys.Hosting.Manifest;
using Libsys.Linux;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Programs;

/// <summary>
/// Makes a server one of programs: registers its devices with vfs, takes the connections that the process server brings, and serves them. A server adds an
/// <see cref="IProgramService"/> and calls <see cref="Changed"/> when something happened that its requests may wait for.
/// </summary>
public sealed class ProgramServer : IConnectionHandler
{
    private const int AttachHandles = 2;

    // vfs answers at once, or is about to be replaced and its successor announced.
    private const ulong Patience = 1_000_000_000;

    private readonly EventLoop loop;
    private readonly ServerContext context;
    private readonly ProgramRegistry registry;
    private readonly EndpointHandle vfs;
    private readonly NotificationHandle ended;
    private readonly EndpointCaller caller;
    private readonly Dictionary<ConnectionServer, ProgramConnection> byRings = [];
    private bool isChanged;

    /// <summary>Serves from now on. The manifest says that the server stands after vfs, and which devices it owns.</summary>
    /// <exception cref="InvalidDataException">It does not stand after vfs.</exception>
    public ProgramServer(EventLoop loop, ServerContext context, IProgramService service)
    {
        this.loop = loop;
        this.context = context;
        registry = new ProgramRegistry(service, context.Generation);
        vfs = new EndpointHandle(context.Handle("vfs").Index);
        caller = new EndpointCaller(loop);
        var sweeping = new SignalSource(registry.Sweep);
        loop.Add(sweeping);
        KernelStatus status = loop.Notification.TryMint(sweeping.Bits, out ended);
        if (status != KernelStatus.Ok)
            throw new InvalidOperationException("no doorbell for vfs: " + status);
        // Nobody is served yet, and what is opened as soon as this server is ready must be there.
        Message message = GrantView.Registration(ended);
        status = vfs.Call(ref message, SystemClock.Now + Patience);
        Registered(status, message);
        loop.WatchPeer("vfs", _ => RegisterAgain());
        loop.ClientGone += LeaveSession;
        loop.Add(new EndpointHandle(context.Handle("control").Index), Receive);
    }

    /// <summary>Something has changed that requests may wait for: they are tried again before the loop sleeps.</summary>
    public void Changed()
    {
        if (isChanged)
            return;
        isChanged = true;
        loop.Post(() =>
        {
            isChanged = false;
            registry.Retry();
        });
    }

    /// <inheritdoc/>
    public void Handle(ConnectionServer connection, in Submission submission) => registry.Serve(byRings[connection], submission);

    /// <inheritdoc/>
    public void Violated(ConnectionServer connection)
    {
        context.Log.Write($"connection {byRings[connection].Id} broke the ring protocol and is closed");
        byRings.Remove(connection, out ProgramConnection? known);
        registry.Detach(known!.Id);
        connection.Close();
    }

    // A vfs that has restarted knows no program of before: the process server, which ends with it, detaches nobody any more.
    private void RegisterAgain()
    {
        Forget();
        caller.Call(vfs, GrantView.Registration(ended), SystemClock.Now + Patience, Registered);
    }

    // The memory of programs' rings and of vfs' table is paid by those who have ended: a fresh session begins when it is free.
    private void LeaveSession()
    {
        if (context.Directory is { } directory && directory.TryFind("vfs", out PublishedServer server) && server.State != ServerState.Running)
            Forget();
    }

    private void Forget()
    {
        foreach ((ConnectionServer rings, ProgramConnection connection) in byRings)
        {
            registry.Detach(connection.Id);
            rings.Close();
        }

        byRings.Clear();
        registry.Register(null);
    }

    private void Registered(KernelStatus status, Message answer)
    {
        registry.Register(GrantView.TryOpen(status, answer, out long error));
        if (registry.Grants is null)
            context.Log.Write($"vfs does not take the devices: error {error}");
    }

    private void Receive(in Message message)
    {
        var reply = new ReplyHandle(message.ReplyHandle);
        bool isProcessServer = (message.Badge & ServerBadge.MakesPrograms) != 0;
        if (isProcessServer && message.Words[0] == (ulong)ServerControlOperation.Attach && message.HandleCount == AttachHandles)
        {
            Attach(message, reply);
            return;
        }

        message.CloseHandles();
        if (reply.IsValid)
            reply.Reply(!isProcessServer ? -Errno.EPERM : message.Words[0] == (ulong)ServerControlOperation.Detach ? Detach(message.Words[1]) : -Errno.ENOSYS);
    }

    private long Detach(ulong id)
    {
        if (registry.Detach(id) is not { } connection)
            return -Errno.ESRCH;
        var rings = ((ProgramRings)connection.Channel).Rings;
        byRings.Remove(rings);
        rings.Close();
        return 0;
    }

    private void Attach(in Message message, ReplyHandle reply)
    {
        var memory = new MemoryObjectHandle(message.Handles[0]);
        var completions = new NotificationHandle(message.Handles[1]);
        ConnectionServer? rings = null;
        KernelStatus status = message.Words[2] != VfsLimits.Shape.Length
            ? KernelStatus.BadArgument
            : ConnectionServer.TryAttach(loop, memory, VfsLimits.Shape, completions, context.Generation, this, out rings);
        if (status != KernelStatus.Ok)
        {
            message.CloseHandles();
            reply.Reply(status is KernelStatus.NoMemory or KernelStatus.NoHandle ? -Errno.ENOMEM : -Errno.EINVAL);
            return;
        }

        var connection = new ProgramConnection(message.Words[1], new ProgramRings(rings!));
        long result = registry.Attach(connection);
        if (result == 0 && rings!.TryAnswerAttach(reply) == KernelStatus.Ok)
        {
            byRings.Add(rings, connection);
            return;
        }

        if (result == 0)
            registry.Detach(connection.Id);
        rings!.Close();
        reply.Reply(result == 0 ? -Errno.ENOMEM : result);
    }

    private sealed class ProgramRings(ConnectionServer rings) : IProgramChannel
    {
        public ConnectionServer Rings => rings;

        public void Complete(ulong tag, long result) => rings.Complete(tag, result);

        public bool TryPayload(in Submission submission, out Span<byte> payload) => rings.TryPayload(submission, out payload);
    }
}
