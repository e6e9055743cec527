using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Processes.Tree;

namespace Servers.Processes.Spaces;

/// <summary>
/// The servers of programs beside vfs, and the spaces' connections to them. A program gets one when it first uses something that such a server has; a forked
/// child and an executed program begin without, so that fork and exec cost the same whatever is open.
/// </summary>
internal sealed class ProgramServers(ServerContext context, EventLoop loop)
{
    private const MapFlags ConnectionAccess = MapFlags.Read | MapFlags.Write | MapFlags.Shared | MapFlags.ForkOmit;

    private readonly List<ProgramServer> servers = [];

    /// <summary>Takes the servers that the configuration lets this one call, beside vfs: they are servers of programs, and vfs is told their numbers.</summary>
    public void Start(VfsControlClient vfs, Func<IEnumerable<ProgramSpace>> spaces)
    {
        foreach (string name in context.HandleNames)
        {
            if (name == "vfs" || context.Directory is not { } directory || !directory.TryFind(name, out _))
                continue;
            if (servers.Count + 1 >= Window.ProgramServers) // the build refuses such a configuration
                throw new InvalidOperationException($"{name} is one server of programs too many: there can be {Window.ProgramServers - 1} beside vfs");
            var server = new ProgramServer((uint)servers.Count + 1, new EndpointHandle(context.Handle(name).Index), loop);
            servers.Add(server);
            if (vfs.NameServer(server.Number, name) is var error and < 0)
                context.Log.Write($"vfs does not take the number of {name}: error {-error}");
            loop.WatchPeer(name, _ => Ended(server, spaces()), () =>
            {
                server.HasFailed = true;
                Ended(server, spaces());
            });
        }
    }

    /// <summary>Connects a space to a server. 0 or −errno; null: the reply is kept until the server has answered.</summary>
    public long? Connect(ProgramSpace space, ulong number, ReplyHandle reply)
    {
        if (number is 0 || number > (ulong)servers.Count)
            return -Errno.ENXIO;
        ProgramServer server = servers[(int)number - 1];
        if (server.HasFailed)
            return -Errno.EIO;
        space.Servers ??= [];
        if (space.Servers.TryGetValue(server.Number, out ServerConnection? connection))
        {
            if (connection.Callers is null)
                return 0;
            connection.Callers.Add(reply);
            return null;
        }

        if (!TryMakeRings(space, server, out MemoryObjectHandle rings))
            return -Errno.ENOMEM;
        connection = new ServerConnection { Rings = rings, Callers = [reply] };
        space.Servers.Add(server.Number, connection);
        server.Attach(space, rings, (result, doorbell) => Attached(space, server, connection, result, doorbell));
        return null;
    }

    /// <summary>The space is gone.</summary>
    public void Detach(ProgramSpace space)
    {
        foreach ((uint number, ServerConnection connection) in space.Servers ?? [])
        {
            if (connection.IsAttached)
                servers[(int)number - 1].Detach(space.Number);
            // One that is being made is finished when the server answers: its message names these handles until then.
            if (connection.Callers is null)
                connection.Rings.Handle.Close();
        }

        space.Servers = null;
    }

    private static bool TryMakeRings(ProgramSpace space, ProgramServer server, out MemoryObjectHandle rings)
    {
        if (MemoryObjectHandle.TryCreate(VfsLimits.Shape.Length, MemoryFlags.Sealed, out rings, space.Account) != KernelStatus.Ok)
            return false;
        ulong address = Window.ConnectionOf(server.Number);
        // A predecessor's: the program does not look at it any more, or harms itself.
        space.Space.Unmap(address, VfsLimits.Shape.Length);
        if (space.Space.Map(address, VfsLimits.Shape.Length, ConnectionAccess, rings) == KernelStatus.Ok)
            return true;
        rings.Handle.Close();
        return false;
    }

    private static void Attached(ProgramSpace space, ProgramServer server, ServerConnection connection, long result, NotificationHandle doorbell)
    {
        List<ReplyHandle> callers = connection.Callers!;
        connection.Callers = null;
        bool isHere = space.Servers is not null && space.Servers.TryGetValue(server.Number, out ServerConnection? known) && known == connection;
        if (result == 0 && isHere)
        {
            // The program has closed its doorbell of a predecessor; if not, the place is taken.
            KernelStatus status = space.Space.TryInstall(WellKnownHandle.DoorbellOf(server.Number), doorbell.Handle, Rights.Signal, out _);
            result = status == KernelStatus.Ok ? 0 : status == KernelStatus.Occupied ? -Errno.EBUSY : -Errno.ENOMEM;
        }

        if (doorbell.Handle.IsValid)
            doorbell.Handle.Close();
        connection.IsAttached = result == 0;
        if (result != 0 || !isHere)
        {
            // Also after an answer that did not come in time: the server may have taken it all the same.
            server.Detach(space.Number);
            connection.Rings.Handle.Close();
            if (isHere)
                space.Servers!.Remove(server.Number);
        }

        foreach (ReplyHandle caller in callers)
            caller.Reply(isHere ? result : -Errno.EIO);
    }

    // A server has a new generation, or will have none: the connections of its predecessor are of no more use, and those who wait on them are told.
    private static void Ended(ProgramServer server, IEnumerable<ProgramSpace> spaces)
    {
        foreach (ProgramSpace space in spaces)
        {
            if (space.Servers is null || !space.Servers.TryGetValue(server.Number, out ServerConnection? connection) || connection.Callers is not null)
                continue;
            space.Servers.Remove(server.Number);
            DeadConnection.Mark(connection.Rings);
            connection.Rings.Handle.Close();
            space.Completions.Signal(ulong.MaxValue >> 1);
        }
    }
}
