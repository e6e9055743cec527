using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Programs;
using Libsys.Messages;

namespace Servers.Mailbox;

/// <summary>
/// What a server tries beyond its rights, once at its start; its log says how many attempts had another end than they should. <c>forger</c>, the same program
/// under a name that owns no device, tries what the owner may do, too.
/// </summary>
internal static class Attempts
{
    private static readonly List<string> Wrong = [];
    private static int count;

    /// <summary>Attempts of the server that owns the devices.</summary>
    public static void OfOwner(ServerContext context)
    {
        EndpointHandle vfs = new(context.Handle("vfs").Index);
        OfAnybody(vfs);
        NotificationHandle.TryCreate(out NotificationHandle ended);
        Message message = GrantView.Registration(ended);
        vfs.Call(ref message);
        var table = new MemoryObjectHandle(message.Handles[0]);
        const MapFlags write = MapFlags.Read | MapFlags.Write | MapFlags.Shared;
        Expect("write the table of grants", MappedMemory.TryMap(table, 0, GrantTable.Length, write, out _), KernelStatus.NoRight);
        Expect("hand the table on", table.Handle.TryDuplicate(Rights.Read, out _), KernelStatus.NoRight);
        table.Handle.Close();
        ended.Handle.Close();
        Log(context);
    }

    /// <summary>Attempts of one that owns none.</summary>
    public static void OfForger(ServerContext context)
    {
        EndpointHandle vfs = new(context.Handle("vfs").Index), mailbox = new(context.Handle("mailbox").Index);
        OfAnybody(vfs);
        NotificationHandle.TryCreate(out NotificationHandle ended);
        Expect("register devices of others", Call(vfs, GrantView.Registration(ended)), -Errno.ENODEV);
        Expect("register without a notification", Call(vfs, Request((ulong)VfsControlOperation.RegisterDevices)), -Errno.EPERM);
        Message attach = Request((ulong)ServerControlOperation.Attach, 1, VfsLimits.Shape.Length);
        MemoryObjectHandle.TryCreate(VfsLimits.Shape.Length, MemoryFlags.Sealed, out MemoryObjectHandle rings);
        attach.HandleCount = 2;
        (attach.Handles[0], attach.Handles[1]) = (rings.Index, ended.Index);
        (attach.Rights[0], attach.Rights[1]) = ((uint)(Rights.Read | Rights.Write), (uint)Rights.Signal);
        Expect("attach a space to the mailbox", Call(mailbox, attach), -Errno.EPERM);
        for (ulong id = 0; id < 20; id++)
            Expect("detach a space from the mailbox", Call(mailbox, Request((ulong)ServerControlOperation.Detach, id)), -Errno.EPERM);
        Log(context);
    }

    private static void OfAnybody(EndpointHandle vfs)
    {
        foreach (VfsControlOperation operation in Enum.GetValues<VfsControlOperation>())
        {
            if (operation != VfsControlOperation.RegisterDevices)
                Expect($"{operation} at vfs", Call(vfs, Request((ulong)operation, 1, 1)), -Errno.EPERM);
        }
    }

    private static Message Request(ulong operation, ulong first = 0, ulong second = 0)
    {
        Message message = default;
        message.Words[0] = operation;
        message.Words[1] = first;
        message.Words[2] = second;
        return message;
    }

    private static long Call(EndpointHandle endpoint, Message message) =>
        endpoint.Call(ref message) == KernelStatus.Ok ? (long)message.Words[0] : long.MinValue;

    private static void Expect<T>(string what, T found, T expected) where T : IEquatable<T>
    {
        count++;
        if (!found.Equals(expected))
            Wrong.Add($"{what}: {found}");
    }

    private static void Expect(string what, KernelStatus found, KernelStatus expected) => Expect(what, (long)found, (long)expected);

    private static void Log(ServerContext context) =>
        context.Log.Write($"{count} attempts, {Wrong.Count} with another end than expected {string.Join("; ", Wrong)}");
}
