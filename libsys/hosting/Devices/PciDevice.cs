using Libsys.Abi;
using Libsys.Linux;
using Libsys.Messages;

namespace Libsys.Hosting.Devices;

/// <summary>
/// A function on the PCI bus that this server drives: what the pci server gives it (<see cref="PciOperation"/>). Calls wait for that server, which drivers
/// depend on.
/// </summary>
public sealed class PciDevice
{
    // It answers within microseconds; a call that it does not live to answer waits for its successor.
    private const ulong Patience = 5_000_000_000;

    // PCI Express Base 5.0 §6.6.2.
    private const ulong FunctionResetTime = 100_000_000;

    private const long NoSuchDevice = -19; // −ENODEV

    // QEMU's devices are reset at once, by the write itself; others in some microseconds.
    private const ulong SpinTime = 200_000;

    private readonly EndpointHandle server;
    private readonly MappedMemory table;
    private readonly int number;
    private readonly ulong entry;
    private IgnoredResets? ignored;
    private ServerHealth? health;
    private bool wasReset;

    private PciDevice(EndpointHandle server, MappedMemory table, int number, in Message claim)
    {
        (this.server, this.table, this.number) = (server, table, number);
        entry = Math.Min(claim.Words[1], FunctionTable.Entries - 1) * FunctionTable.EntryLength;
        Domain = new DmaDomainHandle(claim.Handles[0]);
        IsConfined = claim.Words[3] != 0;
        Vectors = (int)Math.Min(claim.HandleCount - 1, PciLimits.Vectors);
    }

    /// <summary>Bus &lt;&lt; 8 | device &lt;&lt; 3 | function.</summary>
    public uint Address => table.ReadUInt32(entry + FunctionTable.Address) & ~FunctionTable.Present;

    /// <summary>What the device may reach.</summary>
    public DmaDomainHandle Domain { get; }

    /// <summary>An IOMMU refuses it everything else.</summary>
    public bool IsConfined { get; }

    /// <summary>Interrupts that it has: the n-th signals the n-th bit from that of the claim on, and needs no acknowledgement.</summary>
    public int Vectors { get; }

    /// <summary>The table of functions, which every server may read.</summary>
    /// <exception cref="InvalidOperationException">The pci server does not answer.</exception>
    public static MappedMemory MapTable(EndpointHandle server)
    {
        Message message = default;
        KernelStatus status = Call(server, PciOperation.Table, ref message);
        MappedMemory? mapped = null;
        if (status == KernelStatus.Ok && message is { HandleCount: 1 })
        {
            var memory = new MemoryObjectHandle(message.Handles[0]);
            status = MappedMemory.TryMap(memory, 0, FunctionTable.Length, MapFlags.Read | MapFlags.Shared, out mapped);
            memory.Handle.Close();
        }

        return mapped ?? throw new InvalidOperationException("pci: no table of functions: " + status);
    }

    /// <summary>
    /// Claims a function of this server's, which is cut off by that and has to be reset before <see cref="Enable"/>. Null: there is none of that number.
    /// </summary>
    /// <exception cref="InvalidOperationException">It cannot be had.</exception>
    public static PciDevice? Claim(EndpointHandle server, MappedMemory table, int number, int vectors, NotificationHandle loop, int firstBit)
    {
        Message message = default;
        message.Words[1] = (ulong)number;
        message.Words[2] = (ulong)vectors;
        message.Words[3] = (ulong)firstBit;
        message.HandleCount = 1;
        message.Handles[0] = loop.Index;
        message.Rights[0] = (uint)(Rights.Signal | Rights.Duplicate);
        KernelStatus status = Call(server, PciOperation.Claim, ref message);
        if (status == KernelStatus.Ok && (long)message.Words[0] == NoSuchDevice)
            return null;
        if (status != KernelStatus.Ok || message.Words[0] != 0 || message.HandleCount == 0)
            throw new InvalidOperationException($"pci: function {number} cannot be claimed: {status}, {(long)message.Words[0]}");
        return new PciDevice(server, table, number, message);
    }

    /// <summary>
    /// Claims this server's functions one after the other, as many as there are bits for interrupts, when the caller asks for the next: each has one interrupt,
    /// which signals the bits beside it.
    /// </summary>
    /// <exception cref="InvalidOperationException">One cannot be had, or cannot interrupt by message.</exception>
    public static IEnumerable<(PciDevice Function, Interrupt Interrupt)> ClaimAll(
        EndpointHandle server, MappedMemory table, EventLoop loop, ServerContext context)
    {
        for (int bit = LoopBits.FirstInterrupt; bit <= LoopBits.LastInterrupt; bit++)
        {
            int number = bit - LoopBits.FirstInterrupt;
            if (Claim(server, table, number, vectors: 1, loop.Notification, bit) is not { } function)
                yield break;
            (function.ignored, function.health) = (new IgnoredResets(context), context.Health);
            loop.Health.NoteQuiesced();
            if (function.Vectors == 0)
                throw new InvalidOperationException($"pci: function {number} cannot interrupt by message");
            yield return (function, new Interrupt(0, 1ul << bit));
        }
    }

    /// <summary>Reads 32 bits of configuration space, as it was at the claim.</summary>
    public uint ReadConfiguration(int offset) => table.ReadUInt32(entry + FunctionTable.Configuration + (ulong)offset);

    /// <summary>The next capability behind <paramref name="after"/> (0: the first) with a number; 0: there is none.</summary>
    public int FindCapability(int capability, int after = 0) => PciCapabilities.Find(ReadConfiguration, capability, after);

    /// <summary>The reset that comes now does not reach the device: root has asked for that (<see cref="IgnoredResets"/>).</summary>
    public bool IgnoresReset() => ignored?.Take(Address) == true;

    /// <summary>
    /// Waits until the device has come to something. It gives signs of life meanwhile, and the CPU to others as soon as this takes longer than a device that is
    /// well needs: it may be seconds. False: the time is over.
    /// </summary>
    public bool Await(Func<bool> isThere, ulong nanoseconds)
    {
        ulong begun = SystemClock.Now;
        while (!isThere())
        {
            ulong waited = SystemClock.Now - begun;
            if (waited > nanoseconds)
                return false;
            if (waited < SpinTime)
                continue;
            DeviceTime.Pass(1, health);
        }

        return true;
    }

    /// <summary>Maps the registers that hold a range of a base address register.</summary>
    /// <param name="register">Number of the base address register.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="within">Where the range begins in what is mapped.</param>
    /// <exception cref="InvalidOperationException">The range is not this driver's, or cannot be mapped.</exception>
    public MappedMemory MapRegisters(int register, ulong offset, ulong length, out ulong within)
    {
        for (int part = 0;; part++)
        {
            Message message = default;
            message.Words[1] = (ulong)number;
            message.Words[2] = (ulong)register;
            message.Words[3] = (ulong)part;
            KernelStatus status = Call(server, PciOperation.Registers, ref message);
            if (status != KernelStatus.Ok || message.Words[0] != 0 || message.HandleCount != 1)
                throw new InvalidOperationException($"pci: no registers at {register}, {offset:x}: {status}, {(long)message.Words[0]}");
            (ulong first, ulong count) = (message.Words[1], message.Words[2]);
            var memory = new MemoryObjectHandle(message.Handles[0]);
            MappedMemory? mapped = null;
            within = offset - first;
            bool isInside = offset >= first && offset - first <= count && length <= count - (offset - first);
            if (isInside)
                status = MappedMemory.TryMap(memory, 0, count, MapFlags.Read | MapFlags.Write | MapFlags.Shared, out mapped);
            memory.Handle.Close();
            if (isInside)
                return mapped ?? throw new InvalidOperationException("pci: registers: " + status);
        }
    }

    /// <summary>The device has been reset, and may reach memory from now on.</summary>
    /// <exception cref="InvalidOperationException">Somebody else has claimed it.</exception>
    public void Enable()
    {
        Message message = default;
        message.Words[1] = (ulong)number;
        KernelStatus status = Call(server, PciOperation.Enable, ref message);
        if (status != KernelStatus.Ok || message.Words[0] != 0)
            throw new InvalidOperationException($"pci: function {number} cannot be enabled: {status}, {(long)message.Words[0]}");
    }

    /// <summary>
    /// How long to wait for a reset that may take as long as <paramref name="longest"/>, nanoseconds: before the function has been reset by the pci server, no
    /// longer than that takes. A device that is slow and one that hangs look the same, and the server's reset is right for both.
    /// </summary>
    public ulong PatienceOfReset(ulong longest) => wasReset ? longest : Math.Min(longest, FunctionResetTime);

    /// <summary>
    /// Has the pci server reset the function, whose device does not come to its own reset; it reaches no memory until the next <see cref="Enable"/>, whatever
    /// the result: 0, −EOPNOTSUPP (it has no such reset) or −EIO.
    /// </summary>
    /// <exception cref="InvalidOperationException">Somebody else has claimed it, or the pci server does not answer.</exception>
    public long Reset()
    {
        Message message = default;
        message.Words[1] = (ulong)number;
        wasReset = true;
        KernelStatus status = Call(server, PciOperation.Reset, ref message);
        long result = (long)message.Words[0];
        return status == KernelStatus.Ok && result is 0 or -(long)Errno.EOPNOTSUPP or -(long)Errno.EIO
            ? result
            : throw new InvalidOperationException($"pci: function {number} cannot be reset: {status}, {result}");
    }

    private static KernelStatus Call(EndpointHandle server, PciOperation operation, ref Message message)
    {
        message.Words[0] = (ulong)operation;
        return server.Call(ref message, SystemClock.Now + Patience);
    }
}
