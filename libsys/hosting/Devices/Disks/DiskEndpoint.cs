using System.Buffers.Binary;
using Libsys.Abi;
using Libsys.Linux;
using Libsys.Messages;

namespace Libsys.Hosting.Devices.Disks;

/// <summary>Control calls of a driver of disks: connecting, and what disks there are (<see cref="BlockControl"/>). The driver has one client.</summary>
public sealed class DiskEndpoint
{
    private const int NamespaceShift = 16;

    private readonly IReadOnlyList<IServedDisk> disks;
    private readonly SoleClient<BlockConnection> client;
    private BlockConnection? present;

    /// <summary>Serves the calls of whoever attaches.</summary>
    /// <param name="loop">The driver's loop.</param>
    /// <param name="disks">The driver's disks, by their numbers; all of them are there before the first call is received.</param>
    /// <param name="context">Of the driver.</param>
    public DiskEndpoint(EventLoop loop, IReadOnlyList<IServedDisk> disks, ServerContext context)
    {
        this.disks = disks;
        client = new SoleClient<BlockConnection>(loop, context, BlockLimits.Shape, number => new BlockConnection(disks, loop, context, number))
        {
            Attached = attached => present = attached,
        };
        loop.Answering = fault => present?.Spoil(fault);
    }

    /// <summary>One message.</summary>
    public void Receive(in Message message)
    {
        if (client.TryServe(message))
            return;
        message.CloseHandles();
        var reply = new ReplyHandle(message.ReplyHandle);
        if (!reply.IsValid)
            return;
        if (message.Words[0] is not ((ulong)BlockControl.Disk or (ulong)BlockControl.Held or (ulong)BlockControl.Limits))
            reply.Reply(-Errno.ENOSYS);
        else if (!client.IsFrom(message))
            reply.Reply(-Errno.EPERM); // pins are the client's; nobody else is told where it could make them
        else if (message.Words[0] == (ulong)BlockControl.Held)
            reply.Reply(0, Held());
        else if (message.Words[1] >= (ulong)disks.Count)
            reply.Reply(-Errno.ENODEV);
        else if (message.Words[0] == (ulong)BlockControl.Limits)
            TellLimits(disks[(int)message.Words[1]].Erase, reply);
        else
            Describe(disks[(int)message.Words[1]], reply);
    }

    /// <summary>A client has ended: its memory is let go if it was this driver's client.</summary>
    public void DropLostClient() => client.DropIfLost();

    private ulong Held()
    {
        // What the client sent before this call it has.
        present?.TakeAll();
        foreach (IServedDisk disk in disks)
            disk.Serve();
        return present?.Held ?? 0;
    }

    private static void TellLimits(in EraseLimits limits, ReplyHandle reply)
    {
        Message answer = default;
        (answer.Words[1], answer.Words[2], answer.Words[3]) = (limits.MostDiscard, limits.Granularity, limits.MostZeroes);
        reply.Reply(ref answer);
    }

    private static void Describe(IServedDisk disk, ReplyHandle reply)
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
        answer.Words[7] = disk.Address | (ulong)disk.Namespace << NamespaceShift | (ulong)disk.OptimalTransfer << 32;
        answer.HandleCount = 1;
        answer.Handles[0] = disk.Domain.Index;
        answer.Rights[0] = (uint)Rights.Signal;
        reply.Reply(ref answer);
    }
}
