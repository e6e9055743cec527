using System.Buffers.Binary;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Anonymous;

/// <summary>eventfd(2).</summary>
public sealed class EventCounterFile : OpenFile
{
    private const ulong Highest = ulong.MaxValue - 1;
    private readonly bool isSemaphore;
    private ulong counter;

    /// <summary>A counter.</summary>
    public EventCounterFile(Location location, uint flags, uint initial, bool isSemaphore)
        : base(location, flags)
    {
        counter = initial;
        this.isSemaphore = isSemaphore;
    }

    /// <inheritdoc/>
    public override bool IsSeekable => false;

    /// <inheritdoc/>
    public override WaitQueue Waiters { get; } = new();

    /// <inheritdoc/>
    public override long Read(OperationContext context, Span<byte> buffer, long offset)
    {
        if (buffer.Length < sizeof(ulong))
            return -(long)Errno.EINVAL;
        if (counter == 0)
            return -(long)Errno.EAGAIN;
        ulong value = isSemaphore ? 1 : counter;
        counter -= value;
        BinaryPrimitives.WriteUInt64LittleEndian(buffer, value);
        Waiters.Wake();
        return sizeof(ulong);
    }

    /// <inheritdoc/>
    public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
    {
        if (data.Length < sizeof(ulong))
            return -(long)Errno.EINVAL;
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(data);
        if (value == ulong.MaxValue)
            return -(long)Errno.EINVAL;
        if (value > Highest - counter)
            return -(long)Errno.EAGAIN;
        counter += value;
        Waiters.Wake();
        return sizeof(ulong);
    }

    /// <inheritdoc/>
    public override ushort Poll() => (ushort)((counter > 0 ? PollEvents.In : 0) | (counter < Highest ? PollEvents.Out : 0));
}
