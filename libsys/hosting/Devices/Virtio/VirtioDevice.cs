using System.Numerics;

namespace Libsys.Hosting.Devices.Virtio;

/// <summary>What a device did that virtio 1.2 forbids, or could not do: its driver cannot go on with it.</summary>
public sealed class VirtioException(string message) : DeviceException("virtio: " + message);

/// <summary>A virtio device on the PCI bus: virtio 1.2 §4.1, without the legacy interface.</summary>
public sealed class VirtioDevice
{
    /// <summary>VIRTIO_F_INDIRECT_DESC, VIRTIO_F_EVENT_IDX, VIRTIO_F_VERSION_1: §6.</summary>
    public const ulong IndirectDescriptors = 1ul << 28, EventIndex = 1ul << 29, Version1 = 1ul << 32, AccessPlatform = 1ul << 33;

    /// <summary>In place of a vector: no interrupt.</summary>
    public const ushort NoVector = 0xFFFF;

    // Capability, §4.1.4: cfg_type, bar, offset, length; behind them the notification's multiplier.
    private const int VendorCapability = 9, TypeShift = 24, Register = 4, Offset = 8, Length = 12, Multiplier = 16;
    private const int CommonType = 1, NotifyType = 2, DeviceType = 4;

    // Common configuration, §4.1.4.3.
    private const ulong DeviceFeatureSelect = 0, DeviceFeature = 4, DriverFeatureSelect = 8, DriverFeature = 12, ConfigurationVector = 16, QueueCount = 18,
        Status = 20, ConfigurationGeneration = 21, QueueSelect = 22, QueueSize = 24, QueueVector = 26, QueueEnable = 28, QueueNotifyOffset = 30,
        QueueDescriptors = 32, QueueAvailable = 40, QueueUsed = 48, CommonLength = 56;

    // Device status, §2.1.
    private const byte Acknowledge = 1, Driver = 2, DriverOk = 4, FeaturesOk = 8, NeedsReset = 64, Failed = 128;

    // A device that is reset has to say so; one that needs longer than this hangs.
    private const ulong ResetPatience = 1_000_000_000;

    private readonly PciDevice function;
    private readonly MappedMemory common, notify;
    private readonly MappedMemory? configuration;
    private readonly ulong commonAt, notifyAt, notifyLength, configurationAt, configurationLength;
    private readonly uint notifyMultiplier;

    // Its status is neither written nor read: a device that ignores its reset.
    private bool isDeaf;

    /// <summary>Finds the structures of a claimed function. Touches nothing of the device.</summary>
    /// <exception cref="VirtioException">They are not what they have to be.</exception>
    public VirtioDevice(PciDevice device)
    {
        function = device;
        int at = Find(device, CommonType) is > 0 and int found ? found : throw new VirtioException("no common configuration");
        common = Map(device, at, CommonLength, out commonAt, out _);
        at = Find(device, NotifyType) is > 0 and int other ? other : throw new VirtioException("no notification structure");
        notify = Map(device, at, sizeof(ushort), out notifyAt, out notifyLength);
        notifyMultiplier = device.ReadConfiguration(at + Multiplier);
        if (Find(device, DeviceType) is > 0 and int last)
            configuration = Map(device, last, 1, out configurationAt, out configurationLength);
    }

    /// <summary>Queues that the device has.</summary>
    public int Queues => common.ReadUInt16(commonAt + QueueCount);

    /// <summary>Bytes of its own configuration, §2.5.</summary>
    public ulong ConfigurationLength => configurationLength;

    /// <summary>The device says that it has failed.</summary>
    public bool IsBroken => (ReadStatus() & NeedsReset) != 0;

    /// <summary>Brings it back to its beginning, whatever it was doing: it uses no memory afterwards, §2.4, §4.1.4.3.1.</summary>
    /// <exception cref="VirtioException">It does not obey.</exception>
    public void Reset()
    {
        isDeaf = function.IgnoresReset();
        WriteStatus(0);
        if (!function.Await(() => ReadStatus() == 0, function.PatienceOfReset(ResetPatience)))
            throw new VirtioException("the device does not come to its reset");
    }

    /// <summary>Agrees on features, §3.1.1: those of <paramref name="wanted"/> that the device has.</summary>
    /// <exception cref="VirtioException">The device lacks one of <paramref name="needed"/>, or refuses.</exception>
    public ulong Negotiate(ulong wanted, ulong needed)
    {
        AddStatus(Acknowledge);
        AddStatus(Driver);
        ulong features = (ReadFeatures(1) << 32 | ReadFeatures(0)) & wanted;
        if ((features & needed) != needed)
        {
            AddStatus(Failed);
            throw new VirtioException($"the device lacks features {needed & ~features:x}");
        }

        WriteFeatures(0, (uint)features);
        WriteFeatures(1, (uint)(features >> 32));
        AddStatus(FeaturesOk);
        if ((ReadStatus() & FeaturesOk) == 0)
            throw new VirtioException($"the device refuses features {features:x}");
        return features;
    }

    /// <summary>Interrupt for changes of the configuration.</summary>
    public void SetConfigurationVector(ushort vector) => common.WriteUInt16(commonAt + ConfigurationVector, vector);

    /// <summary>Sets a queue up, §4.1.5.1.3; null: the device has no queue of that number.</summary>
    /// <param name="index">Its number.</param>
    /// <param name="size">Most descriptors wanted, a power of two.</param>
    /// <param name="vector">Interrupt for what the device has used.</param>
    /// <param name="memory">Where it lies, from <paramref name="offset"/> on within one page: <see cref="VirtQueue.LengthOf"/>.</param>
    /// <param name="offset">First byte there.</param>
    public VirtQueue? Prepare(int index, int size, ushort vector, DmaMemory memory, ulong offset)
    {
        common.WriteUInt16(commonAt + QueueSelect, (ushort)index);
        int most = common.ReadUInt16(commonAt + QueueSize);
        if (most == 0)
            return null;
        size = Math.Min(size, 1 << BitOperations.Log2((uint)most));
        var queue = new VirtQueue(memory, offset, size, NotifyAt(index));
        common.WriteUInt16(commonAt + QueueSize, (ushort)size);
        common.WriteUInt16(commonAt + QueueVector, vector);
        if (vector != NoVector && common.ReadUInt16(commonAt + QueueVector) != vector)
            throw new VirtioException("the device has no room for an interrupt");
        Write64(QueueDescriptors, memory.AddressOf(offset));
        Write64(QueueAvailable, memory.AddressOf(offset + queue.Available));
        Write64(QueueUsed, memory.AddressOf(offset + queue.Used));
        common.WriteUInt16(commonAt + QueueEnable, 1);
        return queue;
    }

    /// <summary>The device works from now on.</summary>
    public void Start() => AddStatus(DriverOk);

    /// <summary>Tells the device that a queue has something new.</summary>
    public void Notify(int index, VirtQueue queue) => notify.WriteUInt16(queue.NotifyAt, (ushort)index);

    /// <summary>Copies the device's configuration, in one state of it; what it is too short for is zero, §2.5.1.</summary>
    public void ReadConfiguration(Span<byte> copy)
    {
        copy.Clear();
        int length = (int)Math.Min((ulong)copy.Length, configurationLength);
        byte before;
        do
        {
            before = common.ReadByte(commonAt + ConfigurationGeneration);
            for (int offset = 0; offset < length; offset++)
                copy[offset] = configuration!.ReadByte(configurationAt + (ulong)offset);
        }
        while (common.ReadByte(commonAt + ConfigurationGeneration) != before);
    }

    private static int Find(PciDevice device, int type)
    {
        int at = 0;
        while ((at = device.FindCapability(VendorCapability, at)) != 0 && device.ReadConfiguration(at) >> TypeShift != type)
        {
        }

        return at;
    }

    private static MappedMemory Map(PciDevice device, int at, ulong least, out ulong within, out ulong length)
    {
        length = device.ReadConfiguration(at + Length);
        if (length < least)
            throw new VirtioException($"a structure of {length} bytes");
        return device.MapRegisters((int)(device.ReadConfiguration(at + Register) & byte.MaxValue), device.ReadConfiguration(at + Offset), length, out within);
    }

    private ulong NotifyAt(int index)
    {
        ulong offset = (ulong)common.ReadUInt16(commonAt + QueueNotifyOffset) * notifyMultiplier;
        return offset + sizeof(ushort) <= notifyLength ? notifyAt + offset : throw new VirtioException($"queue {index} is told outside of its registers");
    }

    private void AddStatus(byte bit) => WriteStatus((byte)(ReadStatus() | bit));

    private byte ReadStatus() => isDeaf ? DriverOk : common.ReadByte(commonAt + Status);

    private void WriteStatus(byte status)
    {
        if (!isDeaf)
            common.WriteByte(commonAt + Status, status);
    }

    private ulong ReadFeatures(uint half)
    {
        common.WriteUInt32(commonAt + DeviceFeatureSelect, half);
        return common.ReadUInt32(commonAt + DeviceFeature);
    }

    private void WriteFeatures(uint half, uint features)
    {
        common.WriteUInt32(commonAt + DriverFeatureSelect, half);
        common.WriteUInt32(commonAt + DriverFeature, features);
    }

    private void Write64(ulong register, ulong value)
    {
        common.WriteUInt32(commonAt + register, (uint)value);
        common.WriteUInt32(commonAt + register + sizeof(uint), (uint)(value >> 32));
    }
}
