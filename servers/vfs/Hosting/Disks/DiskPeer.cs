using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Blocks;

namespace Servers.Vfs.Hosting.Disks;

/// <summary>
/// A driver of disks, whichever generation of it there is. Requests stay here until they are answered; those that the driver has no room for wait.
/// </summary>
internal sealed class DiskPeer : IPeer<DiskRequest>
{
    // As for the console: the supervisor ends a driver that does not answer.
    private const ulong Patience = 2_000_000_000;

    // Of a request that fails: as Linux' disks of SCSI have it, five tries and their time are for disks that turn.
    private const int MostTries = 3;

    // More than a driver has interrupts for, and a controller of NVMe namespaces.
    private const int MostDisks = 64;

    // Sectors: more than any device takes at once.
    private const ulong MostErased = 1ul << 40;

    private readonly EventLoop loop;
    private readonly EndpointCaller caller;
    private readonly EndpointHandle driver;
    private readonly ServerContext context;
    private readonly string name;
    private readonly MemoryObjectHandle arena;
    private readonly Stack<DiskRequest> idle = new(Enumerable.Range(0, BlockLimits.Requests).Select(static piece => new DiskRequest(piece)));
    private readonly Queue<(DriverDisk Disk, BlockRequest Block)> waiting = new();
    private readonly LateAnswers late;
    private List<DriverDisk>? disks;
    private bool hasFailed;

    /// <summary>A way to the driver of a name; <see cref="Start"/> begins.</summary>
    public DiskPeer(EventLoop loop, EndpointHandle driver, ServerContext context, string name, MemoryObjectHandle arena)
    {
        (this.loop, this.driver, this.context, this.name, this.arena) = (loop, driver, context, name, arena);
        caller = new EndpointCaller(loop);
        Link = new PeerLink<DiskRequest>(loop, this);
        late = new LateAnswers(loop, caller, driver, this);
    }

    /// <summary>The connection to the present generation; null: there is none.</summary>
    public DiskConnection? Connection { get; private set; }

    /// <summary>Requests in flight, and the connection.</summary>
    public PeerLink<DiskRequest> Link { get; }

    /// <summary>The present generation is given up because its device has reached for memory that was not lent to it.</summary>
    public bool HasStrayed { get; set; }

    /// <summary>The pci server.</summary>
    public required EndpointHandle Bus { get; init; }

    /// <summary>Called once, when the driver has first said what disks there are.</summary>
    public required Action<IReadOnlyList<DriverDisk>> Found { get; init; }

    /// <inheritdoc/>
    public uint PublishedGeneration => context.GenerationOf(name);

    /// <summary>Connects, now and to each further generation.</summary>
    public void Start()
    {
        loop.WatchPeer(name, Link.PeerRestarted, Fail);
        Link.Start();
    }

    /// <summary>Runs something in a later turn.</summary>
    public void Post(Action action) => loop.Post(action);

    /// <summary>Takes a request.</summary>
    public void Submit(DriverDisk disk, BlockRequest block)
    {
        if (hasFailed)
            loop.Post(() => block.Complete(Errno.EIO));
        else if (idle.TryPop(out DiskRequest? request))
            Send(request, disk, block);
        else
            waiting.Enqueue((disk, block));
    }

    /// <summary>A request has been answered.</summary>
    public void Ended(DiskRequest request, long result)
    {
        BlockRequest block = request.Block;
        late.Answered();
        // A driver that errs and a device that has a bad moment look the same, and making a request again is harmless.
        if (result == -(long)Errno.EIO && !hasFailed && ++request.Failures < MostTries)
        {
            Link.Submit(request);
            late.Watch();
            return;
        }

        if (request.Failures > 0 && result == 0)
            context.Log.Write(string.Create(
                CultureInfo.InvariantCulture, $"{name}: a request of disk {request.Disk.Number} went well at try {request.Failures + 1}"));
        idle.Push(request);
        while (!hasFailed && waiting.Count > 0 && idle.TryPop(out DiskRequest? next))
        {
            (DriverDisk disk, BlockRequest following) = waiting.Dequeue();
            Send(next, disk, following);
        }

        // What a disk cannot discard it keeps, which is allowed.
        bool isDone = result >= 0 || (block.Kind == BlockKind.Discard && result == -(long)Errno.EOPNOTSUPP);
        block.Complete(isDone ? Errno.None : result == -(long)Errno.EOPNOTSUPP ? Errno.EOPNOTSUPP : Errno.EIO);
    }

    /// <inheritdoc/>
    public void Connect(Action<IPeerConnection<DiskRequest>?> done) =>
        ConnectionClient.Connect(loop, caller, driver, BlockLimits.Shape, SystemClock.Now + Patience, (_, rings) =>
        {
            if (rings == null)
                done(null);
            else
                Describe(rings, [], [], done);
        });

    /// <summary>The driver lets vfs wait for longer than it should.</summary>
    public void Suspect(uint generation) => context.Suspect(name, generation);

    /// <summary>Says in the log what the driver did.</summary>
    public void Complain(string what) => context.Log.Write($"{name} {what}");

    /// <inheritdoc/>
    public void ReportViolation(uint generation)
    {
        if (HasStrayed)
            context.ReportStray(name, generation);
        else
            context.ReportViolation(name, generation);
        HasStrayed = false;
    }

    private void Send(DiskRequest request, DriverDisk disk, BlockRequest block)
    {
        (request.Disk, request.Block, request.Failures) = (disk, block, 0);
        Link.Submit(request);
        late.Watch();
    }

    // One disk after the other: a call each, which the loop does not wait for.
    private void Describe(
        ConnectionClient rings, List<DmaDomainHandle> domains, List<DriverDisk> found, Action<IPeerConnection<DiskRequest>?> done)
    {
        Message message = default;
        message.Words[0] = (ulong)BlockControl.Disk;
        message.Words[1] = (ulong)domains.Count;
        caller.Call(driver, message, SystemClock.Now + Patience, (status, answer) =>
        {
            if (status == KernelStatus.Ok && answer is { HandleCount: 1 } && answer.Words[0] == 0 && domains.Count < MostDisks)
            {
                found.Add(new DriverDisk(this, domains.Count, Traits(answer), (int)(answer.Words[7] & ushort.MaxValue)));
                domains.Add(new DmaDomainHandle(answer.Handles[0]));
                // The bounds of what moves no bytes are the device's, and no other generation's.
                if (disks == null)
                    AskLimits(rings, domains, found, done);
                else
                    Describe(rings, domains, found, done);
                return;
            }

            answer.CloseHandles();
            if (status == KernelStatus.Ok && (long)answer.Words[0] == -(long)Errno.ENODEV)
            {
                Connection = new DiskConnection(rings, this, domains, found, disks ?? found, arena);
                done(Connection);
                if (disks != null)
                    return;
                disks = found;
                Found(found);
                return;
            }

            GiveUp(rings, domains, done);
        });
    }

    private void AskLimits(
        ConnectionClient rings, List<DmaDomainHandle> domains, List<DriverDisk> found, Action<IPeerConnection<DiskRequest>?> done)
    {
        Message message = default;
        message.Words[0] = (ulong)BlockControl.Limits;
        message.Words[1] = (ulong)(found.Count - 1);
        caller.Call(driver, message, SystemClock.Now + Patience, (status, answer) =>
        {
            answer.CloseHandles();
            if (status != KernelStatus.Ok || answer.Words[0] != 0)
            {
                GiveUp(rings, domains, done);
                return;
            }

            DriverDisk disk = found[^1];
            disk.Traits = disk.Traits with
            {
                MostDiscard = (long)Math.Min(answer.Words[1], MostErased), DiscardGranularity = (int)Math.Min(answer.Words[2], int.MaxValue),
                MostZeroes = (long)Math.Min(answer.Words[3], MostErased),
            };
            Describe(rings, domains, found, done);
        });
    }

    private static void GiveUp(ConnectionClient rings, List<DmaDomainHandle> domains, Action<IPeerConnection<DiskRequest>?> done)
    {
        rings.Close();
        foreach (DmaDomainHandle domain in domains)
            domain.Handle.Close();
        done(null);
    }

    private static DiskTraits Traits(in Message answer)
    {
        const ulong most = long.MaxValue / BlockLimits.SectorLength;
        var flags = (DiskFlags)answer.Words[3];
        Span<byte> serial = stackalloc byte[BlockLimits.SerialLength + sizeof(uint)];
        for (int word = 0; word < serial.Length / sizeof(ulong); word++)
            BinaryPrimitives.WriteUInt64LittleEndian(serial[(word * sizeof(ulong))..], answer.Words[4 + word]);
        int end = serial.IndexOf((byte)0);
        return new DiskTraits(
            (long)Math.Min(answer.Words[1], most), (int)(answer.Words[2] & int.MaxValue), (int)(answer.Words[2] >> 32 & int.MaxValue),
            flags.HasFlag(DiskFlags.ReadOnly), flags.HasFlag(DiskFlags.Discard), flags.HasFlag(DiskFlags.WriteZeroes), flags.HasFlag(DiskFlags.WriteCache),
            Encoding.ASCII.GetString(serial[..Math.Clamp(end < 0 ? BlockLimits.SerialLength : end, 0, BlockLimits.SerialLength)]).Trim())
        {
            IsRotational = !flags.HasFlag(DiskFlags.NonRotational), OptimalTransfer = (int)(answer.Words[7] >> 32 & int.MaxValue),
            Namespace = (int)(answer.Words[7] >> 16 & ushort.MaxValue),
        };
    }

    // There will be no driver any more: who waits is told as soon as no device can write to the memory that he gives back by that.
    private void Fail()
    {
        hasFailed = true;
        context.Log.Write($"{name} is not started again: its disks are gone");
        if (disks == null)
            Found(disks = []);
        // Not by the caller that may still wait for the driver.
        Quiesce(new EndpointCaller(loop), 0);
    }

    // One disk after the other.
    private void Quiesce(EndpointCaller toBus, int number)
    {
        if (number == disks!.Count)
        {
            foreach (DiskRequest request in Link.Queue.GiveUp())
                Ended(request, -(long)Errno.EIO);
            while (waiting.TryDequeue(out (DriverDisk Disk, BlockRequest Block) left))
                left.Block.Complete(Errno.EIO);
            return;
        }

        Message message = default;
        message.Words[0] = (ulong)PciOperation.Quiesce;
        message.Words[1] = (ulong)disks[number].Function;
        toBus.Call(Bus, message, SystemClock.Now + Patience, (status, answer) =>
        {
            answer.CloseHandles();
            if (status == KernelStatus.Ok && answer.Words[0] == 0)
            {
                Quiesce(toBus, number + 1);
                return;
            }

            // Until it is, those who wait do so: their memory may be written.
            context.Log.Write($"{name}: disk {number} is not cut off from memory: {status}, {(long)answer.Words[0]}");
            loop.CreateTimer(() => Quiesce(toBus, number)).Set(SystemClock.Now + Patience);
        });
    }
}
