using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Devices;

/// <summary>
/// /dev/null, zero, full, random and urandom: null(4), full(4), random(4). Programs answer most reads and writes themselves (docs/files-in-memory.md); what
/// comes here are transfers between files, and what is written to a random device.
/// </summary>
public sealed class MemoryDevice : IDevice
{
    private readonly Func<Location, uint, OpenFile> open;

    private MemoryDevice(Func<Location, uint, OpenFile> open) => this.open = open;

    /// <summary>Registers all of them (major 1).</summary>
    public static void Register(DeviceTable table, RandomSource random)
    {
        const uint major = 1, nullMinor = 3, zeroMinor = 5, fullMinor = 7, randomMinor = 8, urandomMinor = 9;
        table.Add(major, nullMinor, new MemoryDevice(static (location, flags) => new NullFile(location, flags)));
        table.Add(major, zeroMinor, new MemoryDevice(static (location, flags) => new ZeroFile(location, flags, isFull: false)));
        table.Add(major, fullMinor, new MemoryDevice(static (location, flags) => new ZeroFile(location, flags, isFull: true)));
        table.Add(major, randomMinor, new MemoryDevice((location, flags) => new RandomFile(location, flags, random)));
        table.Add(major, urandomMinor, new MemoryDevice((location, flags) => new RandomFile(location, flags, random)));
    }

    /// <inheritdoc/>
    public Errno Open(in OpenRequest request, out OpenFile? file)
    {
        file = open(request.Location, request.Flags);
        return Errno.None;
    }

    private sealed class NullFile(Location location, uint flags) : MemoryDeviceFile(location, flags, MemoryDeviceKind.Null)
    {
        public override long Read(OperationContext context, Span<byte> buffer, long offset) => 0;

        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => data.Length;
    }

    private sealed class ZeroFile(Location location, uint flags, bool isFull)
        : MemoryDeviceFile(location, flags, isFull ? MemoryDeviceKind.Full : MemoryDeviceKind.Zero)
    {
        public override long Read(OperationContext context, Span<byte> buffer, long offset)
        {
            buffer.Clear();
            return buffer.Length;
        }

        // Also for nothing, as on Linux.
        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset) => isFull ? -(long)Errno.ENOSPC : data.Length;
    }

    private sealed class RandomFile(Location location, uint flags, RandomSource random)
        : MemoryDeviceFile(location, flags, MemoryDeviceKind.Random)
    {
        public override long Read(OperationContext context, Span<byte> buffer, long offset)
        {
            random.Fill(buffer);
            return buffer.Length;
        }

        public override long Write(OperationContext context, ReadOnlySpan<byte> data, long offset)
        {
            random.Mix(data);
            return data.Length;
        }

        public override long Control(FileRequest request, uint operation, ulong argument)
        {
            const int fullEntropy = 256; // bits; what Linux says since 5.18
            if (operation != Ioctl.EntropyCount)
                return -(long)Errno.ENOTTY;
            if (request.Payload.Length < sizeof(int))
                return -(long)Errno.EFAULT;
            System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(request.Payload, fullEntropy);
            return 0;
        }
    }
}

/// <summary>An open memory device: seeking succeeds, whatever for (SEEK_HOLE too), and means nothing.</summary>
internal abstract class MemoryDeviceFile(Location location, uint flags, MemoryDeviceKind device) : OpenFile(location, flags)
{
    /// <inheritdoc/>
    public override MemoryDeviceKind Device => device;

    /// <inheritdoc/>
    public override long Seek(OperationContext context, long offset, uint whence)
    {
        const uint last = 4; // SEEK_HOLE
        return whence > last ? -(long)Errno.EINVAL : Offset = 0;
    }
}
