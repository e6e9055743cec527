using System.Buffers.Binary;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Sources;

namespace Servers.Vfs.Anonymous;

/// <summary>eventfd(2). Programs that use it often do so in memory; what arrives here are the other requests, and all that wait.</summary>
public sealed class EventCounterFile : SourceFile
{
    private readonly bool isSemaphore;

    /// <summary>A counter.</summary>
    public EventCounterFile(Location location, uint flags, uint initial, bool isSemaphore)
        : base(location, flags, initial) => this.isSemaphore = isSemaphore;

    /// <summary>1: EFD_SEMAPHORE.</summary>
    public override ulong Kind => isSemaphore ? 1ul : 0;

    /// <inheritdoc/>
    public override long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        if (buffer.Length < sizeof(ulong))
            return -(long)Errno.EINVAL;
        ulong counter = Look();
        for (int tries = 0; tries < MostTries && EventCounterPage.TryTake(counter, isSemaphore, out ulong taken); tries++)
        {
            if (!TryReplace(ref counter, counter - taken, EventCounterPage.Falls))
                continue;
            BinaryPrimitives.WriteUInt64LittleEndian(buffer, taken);
            return sizeof(ulong);
        }

        return -(long)Errno.EAGAIN;
    }

    /// <inheritdoc/>
    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        if (data.Length < sizeof(ulong))
            return -(long)Errno.EINVAL;
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(data);
        if (value == ulong.MaxValue)
            return -(long)Errno.EINVAL;
        ulong counter = Look();
        for (int tries = 0; tries < MostTries && EventCounterPage.TryAdd(counter, value, out ulong sum); tries++)
        {
            if (TryReplace(ref counter, sum, EventCounterPage.Rises))
                return sizeof(ulong);
        }

        return -(long)Errno.EAGAIN;
    }

    /// <summary>As on Linux: nothing moves, and it is no error.</summary>
    public override long Seek(OperationContext context, long offset, uint whence) => 0;

    /// <inheritdoc/>
    public override ushort Poll()
    {
        ulong counter = Look();
        int found = (counter > 0 ? PollEvents.In : 0) | (counter < EventCounterPage.Highest ? PollEvents.Out : 0);
        return (ushort)(found | (counter > EventCounterPage.Highest ? PollEvents.Error : 0));
    }
}
