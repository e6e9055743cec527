using System.Buffers.Binary;
using Libsys.Hosting;
using Libsys.Messages;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Waiting;

namespace Servers.Vfs.Processes;

/// <summary>Processes and connections, as the process server tells: the control protocol without its transport. Results are 0 or −errno.</summary>
public sealed class ProcessRegistry
{
    private const ulong CloneFileSystem = 0x200, CloneFiles = 0x400; // clone(2)

    private readonly Dictionary<uint, AttachedSpace> connections = [];
    private readonly Dictionary<uint, ClientProcess> processes = [];
    private readonly MountTree mounts;
    // About 120 bytes a handle with its description: 8 MiB; as much for what is kept beside them.
    private readonly Budget handles = new(65536), besideHandles = new(8 << 20);

    /// <summary>An empty registry.</summary>
    public ProcessRegistry(MountTree mounts) => this.mounts = mounts;

    /// <summary>The leader of a session has ended: its terminal is free.</summary>
    public event Action<uint>? SessionEnded;

    /// <summary>A process has ended: its number.</summary>
    public event Action<uint>? ProcessEnded;

    /// <summary>A space that has System V segments is gone, or has been copied: by the process of that number.</summary>
    public event Action<uint>? SegmentsChanged;

    /// <summary>All processes by pid.</summary>
    public IReadOnlyDictionary<uint, ClientProcess> Processes => processes;

    /// <summary>All connections by number.</summary>
    public IReadOnlyDictionary<uint, AttachedSpace> Connections => connections;

    /// <summary>EEXIST if the number is taken, ESRCH if the parent is unknown, ENFILE if its handles cannot be copied.</summary>
    public Errno CheckAttach(uint id, uint parent) => connections.ContainsKey(id) ? Errno.EEXIST : CheckParent(parent);

    /// <summary>A new address space: of a new process, or of a known one that executes a program.</summary>
    public long Attach(AttachedSpace connection, uint slot, uint pid, uint parent)
    {
        Errno error = CheckAttach(connection.Id, parent);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (processes.TryGetValue(pid, out ClientProcess? process))
            Unshare(process);
        else
        {
            process = Create(pid, parent, 0);
            if (parent != 0)
                Inherit(connection, processes[parent]);
        }

        connections.Add(connection.Id, connection);
        AddSlot(connection, slot, process);
        return 0;
    }

    /// <summary>Another process in an attached space.</summary>
    public long AttachSlot(uint id, uint slot, uint pid, uint parent, ulong cloneFlags)
    {
        if (!connections.TryGetValue(id, out AttachedSpace? connection))
            return Outcome.Of(Errno.ESRCH);
        if (connection.Slots.Find(slot) != null)
            return Outcome.Of(Errno.EEXIST);
        Errno error = CheckParent(parent);
        if (error != Errno.None)
            return Outcome.Of(error);
        if (!processes.TryGetValue(pid, out ClientProcess? process))
            process = Create(pid, parent, cloneFlags);
        AddSlot(connection, slot, process);
        return 0;
    }

    /// <summary>An address space is gone. Returns its connection, which the caller closes.</summary>
    public AttachedSpace? Detach(uint id)
    {
        if (!connections.Remove(id, out AttachedSpace? connection))
            return null;
        connection.DropRequests();
        connection.WithdrawGrants(null);
        connection.Files?.Close();
        connection.Files = null;
        if (connection.HasSegments)
            SegmentsChanged?.Invoke(connection.Slots.Values.FirstOrDefault()?.Pid ?? 0);
        foreach (ClientProcess process in connection.Slots.Values)
            Release(process, connection);
        connection.Slots.Clear();
        connection.Executable = null;
        return connection;
    }

    /// <summary>One process of a shared space is gone.</summary>
    public long DetachSlot(uint id, uint slot)
    {
        if (!connections.TryGetValue(id, out AttachedSpace? connection))
            return Outcome.Of(Errno.ESRCH);
        connection.DropRequests(slot);
        connection.WithdrawGrants(slot);
        if (connection.Slots.Remove(slot) is not { } process)
            return Outcome.Of(Errno.ESRCH);
        Release(process, connection);
        return 0;
    }

    /// <summary>
    /// A process has executed a program: its old slot or space is gone (<see cref="VfsControlOperation.Succeed"/>), and with that what its descriptors were to
    /// be closed for: <paramref name="close"/> does. <paramref name="detached"/>: the connection that the caller closes.
    /// </summary>
    public long Succeed(
        uint id, uint slot, uint oldId, uint oldSlot, ulong offset, ulong count, Action<HandleTable, uint> close, out AttachedSpace? detached)
    {
        detached = Leave(oldId, oldSlot);
        if (count == 0)
            return 0;
        if (!connections.TryGetValue(id, out AttachedSpace? connection) || connection.Slots.Find(slot) is not { } process)
            return Outcome.Of(Errno.ESRCH);
        Span<byte> pool = connection.Channel.Pool(0);
        ulong length = count * sizeof(uint);
        if (count > VfsLimits.ClosedByExec || offset > (ulong)pool.Length || length > (ulong)pool.Length - offset)
            return Outcome.Of(Errno.EINVAL);
        for (int at = (int)offset; at < (int)(offset + length); at += sizeof(uint))
            close(process.Handles, BinaryPrimitives.ReadUInt32LittleEndian(pool[at..]));
        return 0;
    }

    /// <summary>The same with the handles themselves; ESRCH if the process has gone meanwhile.</summary>
    public long Succeed(uint id, uint slot, uint oldId, uint oldSlot, ReadOnlySpan<uint> handles, Action<HandleTable, uint> close, out AttachedSpace? detached)
    {
        detached = Leave(oldId, oldSlot);
        if (!connections.TryGetValue(id, out AttachedSpace? connection) || connection.Slots.Find(slot) is not { } process)
            return Outcome.Of(Errno.ESRCH);
        foreach (uint handle in handles)
            close(process.Handles, handle);
        return 0;
    }

    /// <summary>True while one process' handles can be copied whatever one request, and one that waits unseen, have taken before.</summary>
    public bool IsRoomy => handles.HasRoom(handles.Limit / 2);

    /// <summary>New credentials for permission checks.</summary>
    public long SetCredentials(uint pid, Credentials credentials)
    {
        if (!processes.TryGetValue(pid, out ClientProcess? process))
            return Outcome.Of(Errno.ESRCH);
        process.Credentials = credentials;
        process.EndNaming();
        return 0;
    }

    /// <summary>RLIMIT_FSIZE, as the process server keeps it: RLIM_INFINITY is all ones.</summary>
    public long SetFileSizeLimit(uint pid, ulong limit)
    {
        if (!processes.TryGetValue(pid, out ClientProcess? process))
            return Outcome.Of(Errno.ESRCH);
        process.FileSizeLimit = (long)Math.Min(limit, long.MaxValue);
        process.Space?.Files?.EndWriting(process.Handles);
        process.Space?.EndPosting();
        return 0;
    }

    /// <summary>Process group and session.</summary>
    public long SetSession(uint pid, uint group, uint session, bool isLeader)
    {
        if (!processes.TryGetValue(pid, out ClientProcess? process))
            return Outcome.Of(Errno.ESRCH);
        process.Group = group;
        process.Session = session;
        process.IsSessionLeader = isLeader;
        return 0;
    }

    // The new space is a copy of the parent's.
    private void Inherit(AttachedSpace connection, ClientProcess parent)
    {
        connection.Executable = parent.Space?.Executable;
        connection.HasSegments = parent.Space is { HasSegments: true };
        if (connection.HasSegments)
            SegmentsChanged?.Invoke(parent.Pid);
    }

    private AttachedSpace? Leave(uint id, uint slot)
    {
        if (id != 0 && slot == SucceedArguments.WholeSpace)
            return Detach(id);
        if (id != 0)
            DetachSlot(id, slot);
        return null;
    }

    private Errno CheckParent(uint parent)
    {
        if (parent == 0)
            return Errno.None;
        if (!processes.TryGetValue(parent, out ClientProcess? process))
            return Errno.ESRCH;
        return handles.HasRoom(process.Handles.Count) ? Errno.None : Errno.ENFILE;
    }

    private static void AddSlot(AttachedSpace connection, uint slot, ClientProcess process)
    {
        connection.Slots.Add(slot, process);
        process.Enter(connection);
    }

    // exec ends sharing: "the file descriptor table is unshared", execve(2).
    private static void Unshare(ClientProcess process)
    {
        if (process.Handles.Users > 1)
        {
            HandleTable own = process.Handles.Copy();
            process.Handles.Release();
            process.Handles = own;
        }

        if (process.Context.Users > 1)
        {
            FileSystemContext own = process.Context.Copy();
            process.Context.Release();
            process.Context = own;
        }
    }

    private ClientProcess Create(uint pid, uint parent, ulong cloneFlags)
    {
        ClientProcess process;
        if (parent == 0)
        {
            Location root = MountTree.Descend(new Location(mounts.Root, mounts.Root.Root));
            process = new ClientProcess(pid, new HandleTable(handles, besideHandles), new FileSystemContext(root, root), Credentials.Root);
            ConsoleDescriptors.Open(process);
        }
        else
        {
            ClientProcess from = processes[parent];
            HandleTable table = (cloneFlags & CloneFiles) != 0 ? from.Handles.Share() : from.Handles.Copy();
            FileSystemContext context = (cloneFlags & CloneFileSystem) != 0 ? from.Context.Share() : from.Context.Copy();
            process = new ClientProcess(pid, table, context, from.Credentials) 
            {
                Group = from.Group, Session = from.Session, HasGivenUpTerminal = from.HasGivenUpTerminal, FileSizeLimit = from.FileSizeLimit,
            };
        }

        processes.Add(pid, process);
        return process;
    }

    private void Release(ClientProcess process, AttachedSpace connection)
    {
        if (!process.Leave(connection))
            return;
        processes.Remove(process.Pid);
        ProcessEnded?.Invoke(process.Pid);
        process.Handles.Release();
        process.Context.Release();
        if (process.IsSessionLeader)
            SessionEnded?.Invoke(process.Session);
    }
}
