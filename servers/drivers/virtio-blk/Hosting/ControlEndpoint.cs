using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Hosting.Manifest;
using Libsys.Messages;
using Servers.Drivers.VirtioBlk.Disks;

namespace Servers.Drivers.VirtioBlk.Hosting;

/// <summary>Control calls: connecting, and what disks there are (<see cref="BlockControl"/>).</summary>
internal sealed class ControlEndpoint(EventLoop loop, IReadOnlyList<VirtioDisk> disks, ServerContext context)
{
    private const int AttachHandles = 2;

    private BlockConnection? current;

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
        if (!reply.IsValid)
            return;
        // Pins are the client's; nobody else is told where it could make them.
        bool isKnown = message.Words[0] == (ulong)BlockControl.Disk;
        if (!isKnown || current?.Badge != ServerBadge.Number(message.Badge) || message.Words[1] >= (ulong)disks.Count)
        {
            reply.Reply(!isKnown ? -Errno.ENOSYS : current?.Badge != ServerBadge.Number(message.Badge) ? -Errno.EPERM : -Errno.ENODEV);
            return;
        }

        Describe(disks[(int)message.Words[1]], reply);
    }

    /// <summary>A client has ended: its memory is let go if it was this driver's client.</summary>
    public void DropLostClient()
    {
        if (current is null || context.Directory is null || context.Directory.IsAlive(current.Badge))
            return;
        current.Rings.Close();
        current = null;
    }

    private static void Describe(VirtioDisk disk, ReplyHandle reply)
    {
        Message answer = default;
        answer.Words[1] = disk.Sectors;
        answer.Words[2] = disk.LogicalBlock | (ulong)disk.PhysicalBlock << 32;
        answer.Words[3] = (ulong)disk.Flags;
        Span<byte> serial = stackalloc byte[3 * sizeof(ulong)];
        serial.Clear();
        disk.Serial.CopyTo(serial);
        for (int word = 0; word < 3; word++)
            answer.Words[4 + word] = BinaryPrimitives.ReadUInt64LittleEndian(serial[(word * sizeof(ulong))..]);
        answer.Words[7] = disk.Address;
        answer.HandleCount = 1;
        answer.Handles[0] = disk.Domain.Index;
        answer.Rights[0] = (uint)Rights.Signal;
        reply.Reply(ref answer);
    }

    private void Attach(in Message message, ReplyHandle reply)
    {
        var client = new BlockConnection(disks, loop, context, ServerBadge.Number(message.Badge));
        var memory = new MemoryObjectHandle(message.Handles[0]);
        var completions = new NotificationHandle(message.Handles[1]);
        ConnectionServer? connection = null;
        KernelStatus status = message.Words[1] != BlockLimits.Shape.Length
            ? KernelStatus.BadArgument
            : ConnectionServer.TryAttach(loop, memory, BlockLimits.Shape, completions, context.Generation, client, out connection);
        if (status != KernelStatus.Ok)
        {
            message.CloseHandles();
            if (reply.IsValid)
                reply.Reply(-Errno.EINVAL);
            return;
        }

        client.Rings = connection!;
        if (connection!.TryAnswerAttach(reply) != KernelStatus.Ok)
        {
            connection.Close();
            return;
        }

        // There is one client, and this is a new one or a new life of the old one.
        current?.Rings.Close();
        current = client;
    }
}
