using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Servers.Vfs.Served;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Hosting;

/// <summary>How the owners of devices register, and what is shared with them. Who calls is the badge's word, which the supervisor vouches for.</summary>
internal sealed class DeviceServerTable(ServerDirectory? directory, DeviceServers servers)
{
    private readonly Dictionary<DeviceServer, (MemoryObjectHandle Table, NotificationHandle Doorbell)> shared = [];

    /// <summary>The process server says what programs know a server as. 0 or −errno.</summary>
    public long Name(in Message message)
    {
        Span<byte> name = stackalloc byte[ServerName.LongestName];
        return servers.Name(Encoding.UTF8.GetString(name[..ServerName.Read(message, name)]), message.Words[1]);
    }

    /// <summary>A server registers its devices; answers, and takes over the message's handle.</summary>
    public void Register(in Message message, ReplyHandle reply)
    {
        var doorbell = new NotificationHandle(message.Handles[0]);
        bool isKnown = false;
        string name = "";
        PublishedServer caller = default;
        if (directory is not null)
            isKnown = directory.TryFind(ServerBadge.Number(message.Badge), out name, out caller);
        DeviceServer? server = isKnown ? servers.Find(name) : null;
        if (server is null || !TryShare(server))
        {
            doorbell.Handle.Close();
            reply.Reply(Outcome.Of(server is null ? Errno.ENODEV : Errno.ENOMEM));
            return;
        }

        (MemoryObjectHandle table, NotificationHandle former) = shared[server];
        if (former.Handle.IsValid)
            former.Handle.Close();
        shared[server] = (table, doorbell);
        server.Generation = caller.Generation;
        server.Ledger!.Ended = () => doorbell.Signal(ulong.MaxValue >> 1);
        Message answer = default;
        answer.HandleCount = 1;
        answer.Handles[0] = table.Index;
        answer.Rights[0] = (uint)Rights.Read;
        reply.Reply(ref answer);
    }

    // A successor gets the table of its predecessor: what is open stays open, and is the successor's to refuse.
    private bool TryShare(DeviceServer server)
    {
        if (shared.ContainsKey(server))
            return true;
        if (MemoryObjectHandle.TryCreate(GrantTable.Length, MemoryFlags.Sealed, out MemoryObjectHandle table) != KernelStatus.Ok)
            return false;
        const MapFlags access = MapFlags.Read | MapFlags.Write | MapFlags.Shared;
        if (MappedMemory.TryMap(table, 0, GrantTable.Length, access, out MappedMemory? mapped) != KernelStatus.Ok)
        {
            table.Handle.Close();
            return false;
        }

        server.Ledger = new GrantLedger(mapped!);
        shared.Add(server, (table, default));
        return true;
    }
}
