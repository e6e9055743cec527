using Libsys.Abi;
using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Processes.Tree;

namespace Servers.Processes.Spaces;

/// <summary>Makes and ends the spaces of programs.</summary>
internal sealed class ProgramSpaces(EndpointHandle endpoint, AccountHandle programs, VfsControlClient vfs, ProgramServers servers, Log log)
{
    // Each thread of a program is a handle of its own, and the personality needs a few.
    private const ulong HandlesPerSpace = Window.ThreadSlots + 256;

    // A forked child gets a connection of its own.
    private const MapFlags ConnectionAccess = MapFlags.Read | MapFlags.Write | MapFlags.Shared | MapFlags.ForkOmit;

    /// <summary>
    /// Of the process server's own for each space: account, space, connection, completions; the doorbell while it is made; the reply to the caller of exec.
    /// Nobody looks for room here: the operations that need it are declared so.
    /// </summary>
    public const uint OwnHandles = 6;

    private readonly Dictionary<ulong, ProgramSpace> spaces = [];
    private readonly PersonalityHeader personality = FixedMemory.Personality;
    private ulong lastNumber;
    private ulong frameLimit; // of all programs; never changed

    /// <summary>A length in whole pages.</summary>
    public static ulong PageRound(ulong length) => (length + 4095) & ~4095ul;

    /// <summary>All spaces.</summary>
    public IEnumerable<ProgramSpace> All => spaces.Values;

    /// <summary>A space by the badge of a message; null if it has ended.</summary>
    public ProgramSpace? Find(ulong badge) => spaces.GetValueOrDefault(badge);

    /// <summary>A copy of a space, attached to vfs with a copy of the parent's handle table. 0 or a negative errno.</summary>
    public long TryFork(ProgramSpace parent, Process child, int parentPid, out ProgramSpace? space)
    {
        space = null;
        if (!Succeeded(TryCreateAccount(out AccountHandle account), "account"))
            return -Errno.ENOMEM;
        ulong number = ++lastNumber;
        if (!Succeeded(parent.Space.TryFork(account, endpoint, number, out AddressSpaceHandle handle), "fork"))
        {
            account.Handle.Close();
            return -Errno.ENOMEM;
        }

        return TryConnect(new ProgramSpace(number, handle, account), child, parentPid, out space);
    }

    /// <summary>An empty space with a start table, attached to vfs: for a known process its handle table goes on. 0 or a negative errno.</summary>
    public long TryCreate(in StartTableSource startTable, Process process, out ProgramSpace? space)
    {
        space = null;
        if (!Succeeded(TryCreateAccount(out AccountHandle account), "account"))
            return -Errno.ENOMEM;
        ulong number = ++lastNumber;
        if (!Succeeded(AddressSpaceHandle.TryCreate(account, endpoint, number, out AddressSpaceHandle handle), "space"))
        {
            account.Handle.Close();
            return -Errno.ENOMEM;
        }

        KernelStatus given = startTable.GiveTo(handle);
        // That a table is not where its writer says is the writer's mistake.
        if (given == KernelStatus.NotMapped || !Succeeded(given, "start table"))
        {
            Free(new ProgramSpace(number, handle, account));
            return given == KernelStatus.NoMemory ? -Errno.ENOMEM : -Errno.EINVAL;
        }

        return TryConnect(new ProgramSpace(number, handle, account), process, parentPid: 0, out space);
    }

    /// <summary>Starts the forked child's one thread, in the slot of the thread that forked.</summary>
    public long StartForked(ProgramSpace space, uint slot, ulong context, Process child) => Start(space, slot, personality.ForkEntry, context, child);

    /// <summary>Starts a vfork child's thread in the space of its parent.</summary>
    public long StartShared(ProgramSpace space, uint slot, ulong context, Process child) => Start(space, slot, personality.ThreadEntry, context, child);

    /// <summary>Starts the personality of a fresh space, which loads the program.</summary>
    public long StartFresh(ProgramSpace space, in StartTableSource table, Process process) =>
        Start(space, 0, personality.StartEntry, table.Place, process, table.Length);

    /// <summary>
    /// Ends a space: all threads, all memory, its connection. <paramref name="isNoticed"/>: with a process whose end vfs tells others (a session's leader).
    /// </summary>
    public void Release(ProgramSpace space, bool isNoticed = false)
    {
        spaces.Remove(space.Number);
        // Before vfs is told: what it then makes up for in memory that they share, no thread of the space changes any more.
        space.Space.Destroy();
        vfs.Detach(space, isNoticed || space.Servers is not null);
        if (space.Servers is not null)
            servers.Detach(space);
        Close(space);
    }

    /// <summary>A process leaves its space, which goes when nobody is left.</summary>
    public void Leave(Process process)
    {
        if (process.Space is not { } space)
            return;
        process.Space = null;
        bool isLeader = process.Session == process.Pid;
        if (--space.Users <= 0)
        {
            Release(space, isLeader);
            return;
        }

        space.Space.Terminate((uint)process.Pid);
        vfs.DetachSlot(space, process.VfsSlot, isLeader || space.Servers is not null);
    }

    /// <summary>
    /// A process goes on in the space of the program that it has executed, and leaves its old one. Handles that the program names in its pool are closed then;
    /// <paramref name="handles"/> as for <see cref="VfsControlClient.Succeed"/>.
    /// </summary>
    public void Succeed(Process process, ProgramSpace space, ulong offset, ulong count, ReadOnlySpan<uint> handles)
    {
        ProgramSpace? old = process.Space;
        process.Space = space;
        bool ends = old is not null && --old.Users <= 0;
        if (ends)
        {
            spaces.Remove(old!.Number);
            old.Space.Destroy(); // before vfs is told, as in Release
        }
        else
        {
            old?.Space.Terminate((uint)process.Pid);
        }

        vfs.Succeed(space, process.VfsSlot, old, ends, offset, count, handles);
        if (!ends)
            return;
        if (old!.Servers is not null)
            servers.Detach(old);
        Close(old);
    }

    /// <summary>What a process has used in its present space.</summary>
    public static Usage Measure(Process process)
    {
        if (process.Space is not { } space || space.Space.TryUsage((uint)process.Pid, out SpaceUsage usage) != KernelStatus.Ok)
            return default;
        return new Usage(usage.UserNanoseconds, usage.SystemNanoseconds, usage.PeakCharged, usage.MinorFaults);
    }

    /// <summary>Bytes of a space's pool 0 as it has them mapped, copied. The program may be changing them. False if they are not there.</summary>
    public static bool TryReadPool(ProgramSpace space, ulong offset, Span<byte> copy)
    {
        ConnectionShape shape = VfsLimits.Shape;
        if (offset > shape.PoolLength || (ulong)copy.Length > shape.PoolLength - offset)
            return false;
        // A few hundred bytes at most, mostly: dearer to map than to ask for.
        for (ulong address = Window.VfsConnection + shape.Pool + offset; copy.Length > 0;)
        {
            if (space.Space.TryRead(address, copy, out int count) != KernelStatus.Ok || count == 0)
                return false;
            address += (ulong)count;
            copy = copy[count..];
        }

        return true;
    }

    /// <summary>Gives a space's connection the pool for large transfers, charged to the space's account. 0 or a negative errno.</summary>
    public long AttachPool(ProgramSpace space, ulong number)
    {
        if (number != VfsLimits.LargePool)
            return -Errno.EINVAL;
        if (space.HasLargePool)
            return -Errno.EEXIST;
        if (!Succeeded(MemoryObjectHandle.TryCreate(VfsLimits.LargePoolLength, MemoryFlags.Sealed, out MemoryObjectHandle memory, space.Account), "pool"))
            return -Errno.ENOMEM;
        ulong address = Window.PoolOf((uint)number);
        long result = Succeeded(space.Space.Map(address, VfsLimits.LargePoolLength, ConnectionAccess, memory), "mapping of the pool")
            ? vfs.AttachPool(space, (uint)number, memory, VfsLimits.LargePoolLength)
            : -Errno.ENOMEM;
        space.HasLargePool = result == 0;
        if (result != 0)
            space.Space.Unmap(address, VfsLimits.LargePoolLength);
        memory.Handle.Close(); // the mappings keep it
        return result;
    }

    /// <summary>Takes that pool away again, unless vfs has work with it. 0 or a negative errno.</summary>
    public long DetachPool(ProgramSpace space, ulong number)
    {
        if (number != VfsLimits.LargePool || !space.HasLargePool)
            return -Errno.EINVAL;
        long result = vfs.DetachPool(space, (uint)number);
        if (result != 0)
            return result;
        space.HasLargePool = false;
        space.Space.Unmap(Window.PoolOf((uint)number), VfsLimits.LargePoolLength);
        return 0;
    }

    private KernelStatus TryCreateAccount(out AccountHandle account)
    {
        account = default;
        // A program may use what all programs together may: fairness between users is what RLIMIT_AS and friends are for.
        if (frameLimit == 0 && programs.TryQuery(out AccountState all) is KernelStatus.Ok)
            frameLimit = all.FrameLimit;
        return programs.TryCreateChild(frameLimit, HandlesPerSpace, out account);
    }

    // Running out of memory or handles is a program's everyday fate; any other refusal is a bug that should be seen.
    private bool Succeeded(KernelStatus status, string what)
    {
        if (status is not (KernelStatus.Ok or KernelStatus.NoMemory or KernelStatus.NoHandle))
            log.Write($"{what}: {status}");
        return status == KernelStatus.Ok;
    }

    private long TryConnect(ProgramSpace fresh, Process process, int parentPid, out ProgramSpace? space)
    {
        space = null;
        long result = Connect(fresh, process, parentPid, out bool isAttached);
        if (result < 0)
        {
            if (isAttached)
                vfs.Detach(fresh, isNoticed: true);
            Free(fresh);
            return result;
        }

        spaces.Add(fresh.Number, fresh);
        space = fresh;
        return 0;
    }

    private long Connect(ProgramSpace space, Process process, int parentPid, out bool isAttached)
    {
        isAttached = false;
        if (!Succeeded(MemoryObjectHandle.TryCreate(VfsLimits.Shape.Length, MemoryFlags.Sealed, out MemoryObjectHandle connection, space.Account),
            "connection"))
            return -Errno.ENOMEM;
        space.Connection = connection;
        if (!Succeeded(space.Space.Map(Window.VfsConnection, VfsLimits.Shape.Length, ConnectionAccess, connection), "mapping of the connection")
            || !Succeeded(NotificationHandle.TryCreate(out NotificationHandle completions), "notification"))
            return -Errno.ENOMEM;

        space.Completions = completions;
        long result = vfs.Attach(space, process.VfsSlot, process.Pid, parentPid, completions, out NotificationHandle doorbell);
        isAttached = result == 0;
        if (isAttached && !TryInstallHandles(space, completions, doorbell))
            result = -Errno.ENOMEM;
        if (isAttached)
            doorbell.Handle.Close();
        return result;
    }

    private bool TryInstallHandles(ProgramSpace space, NotificationHandle completions, NotificationHandle doorbell) =>
        Succeeded(space.Space.Install(WellKnownHandle.Control, endpoint, space.Number), "control endpoint")
        && Succeeded(space.Space.TryInstall(WellKnownHandle.VfsDoorbell, doorbell.Handle, Rights.Signal, out _), "doorbell")
        && Succeeded(space.Space.TryInstall(WellKnownHandle.VfsCompletion, completions.Handle, Rights.Wait | Rights.Signal, out _), "completions");

    private long Start(ProgramSpace space, uint slot, ulong entry, ulong argument, Process process, ulong tableLength = 0)
    {
        MessageWords words = WordsFor(process, tableLength == 0 ? 0 : argument, tableLength);
        KernelStatus status = space.Space.StartThread(slot, entry, argument, (uint)process.Pid, in words, PriorityOfPrograms);
        // The slot of a fork is the program's claim: one that is taken, or none at all, is its own mistake.
        bool isClaim = status is KernelStatus.BadArgument or KernelStatus.Occupied && tableLength == 0;
        if (isClaim || !Succeeded(status, "thread"))
            return status == KernelStatus.NoMemory ? -Errno.ENOMEM : -Errno.EAGAIN;
        return 0;
    }

    // What the thread would ask first (StartWords).
    private static MessageWords WordsFor(Process process, ulong table, ulong tableLength)
    {
        MessageWords words = default;
        words[StartWords.Pid] = (ulong)process.Pid;
        words[StartWords.Table] = table;
        words[StartWords.TableLength] = tableLength;
        words[StartWords.Entry] = (uint)process.TableIndex;
        words[StartWords.VfsSlot] = process.VfsSlot;
        process.Credentials.Write(ref words);
        return words;
    }

    // Below all servers (16 to 22 in the default configuration): a program that spins must not keep a server from answering others.
    private const byte PriorityOfPrograms = 8;

    private static void Free(ProgramSpace space)
    {
        space.Space.Destroy();
        Close(space);
    }

    private static void Close(ProgramSpace space)
    {
        space.Space.Handle.Close();
        if (space.Connection.Handle.IsValid)
            space.Connection.Handle.Close();
        if (space.Completions.Handle.IsValid)
            space.Completions.Handle.Close();
        space.Account.Handle.Close();
    }
}
