using Libsys.Linux;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Programs;

/// <summary>
/// Connections, descriptions and waiting requests at a server of programs, without transport. What a program says of itself counts nothing: a handle means what
/// vfs has granted the connection and slot that show it, while vfs grants it.
/// </summary>
/// <param name="service">Opens the devices.</param>
/// <param name="generation">Of the server.</param>
public sealed class ProgramRegistry(IProgramService service, uint generation)
{

    private readonly Dictionary<ulong, ProgramConnection> connections = [];
    private readonly Dictionary<ulong, ProgramFile> files = [];
    private readonly WaitingRequests waiting = new();
    private ulong seenEnded;

    /// <summary>What vfs grants; null while this server is not registered there.</summary>
    public GrantView? Grants { get; private set; }

    /// <summary>Descriptions that are open.</summary>
    public int OpenFiles => files.Count;

    /// <summary>Takes the grants of a vfs that has started; what another one granted is over.</summary>
    public void Register(GrantView? grants)
    {
        foreach (ProgramConnection connection in connections.Values)
            connection.Forget();
        foreach (ProgramFile file in files.Values)
            End(file);
        files.Clear();
        Grants?.Dispose();
        Grants = grants;
        seenEnded = 0;
    }

    /// <summary>A new address space. −EEXIST if the number is known.</summary>
    public long Attach(ProgramConnection connection) => connections.TryAdd(connection.Id, connection) ? 0 : -Errno.EEXIST;

    /// <summary>The space is gone; null if it is not known. Its requests get no answer.</summary>
    public ProgramConnection? Detach(ulong id)
    {
        if (!connections.Remove(id, out ProgramConnection? connection))
            return null;
        waiting.Drop(connection);
        return connection;
    }

    /// <summary>Closes the descriptions that vfs has ended.</summary>
    public void Sweep()
    {
        if (Grants is not { } grants || grants.Ended is var ended && ended == seenEnded)
            return;
        seenEnded = ended;
        foreach ((ulong number, ProgramFile file) in files)
        {
            if (grants.IsOpen(number))
                continue;
            files.Remove(number);
            End(file);
        }
    }

    /// <summary>Something that requests wait for has changed: they are tried again.</summary>
    public void Retry() => waiting.TryAll(TryServe);

    /// <summary>One request of a program: a private copy, all of whose fields are its claims.</summary>
    public void Serve(ProgramConnection connection, in Submission request)
    {
        if (request.Operation == (ushort)VfsOperation.Cancel)
        {
            waiting.Cancel(connection, request.A0);
            connection.Channel.Complete(request.Tag, 0);
            return;
        }

        if (request.Operation == (ushort)VfsOperation.ShowGrant)
        {
            connection.Channel.Complete(request.Tag, Show(connection, request.ProcessSlot, request.A0, request.A1));
            return;
        }

        var entry = new WaitingRequest(connection, request, FileOf(connection, request));
        if (TryServe(entry) is { } result)
            connection.Channel.Complete(request.Tag, result);
        else
            waiting.Add(entry);
    }

    private ProgramFile? FileOf(ProgramConnection connection, in Submission request) =>
        Grants is null || request.Operation == (ushort)VfsOperation.Poll ? null : connection.Find(Grants, request.ProcessSlot, request.A0);

    private static void End(ProgramFile file)
    {
        file.HasEnded = true;
        if (file.Pending == 0)
            file.Closed();
    }

    // The grant says which connection, slot and handle; who asks is what the process server said of the rings that it came through.
    private long Show(ProgramConnection connection, uint slot, ulong handle, ulong number)
    {
        Sweep(); // what was closed before this open is closed here before it, too
        if (Grants is not { } grants || !grants.TryFind(number, out ProgramGrant grant))
            return -Errno.ESTALE;
        if (grant.Connection != connection.Id || grant.Slot != slot || grant.Handle != handle)
            return -Errno.EACCES;
        if (!files.TryGetValue(grant.File, out ProgramFile? file))
        {
            file = service.Open(grant, grant.Generation != generation, out long error);
            if (file is null)
                return error;
            file.Number = grant.File;
            file.Registry = this;
            files.Add(grant.File, file);
        }

        connection.Show(grants, slot, handle, number, file);
        return 0;
    }

    private long? TryServe(WaitingRequest request)
    {
        if (Grants is not { } grants)
            return -Errno.EIO;
        if (!request.Connection.Channel.TryPayload(request.Submission, out Span<byte> payload))
            return -Errno.EFAULT;
        if (request.Submission.Operation == (ushort)VfsOperation.Poll)
            return ProgramPoll.Try(grants, request.Connection, request.Submission, payload);
        if (request.File is not { } file)
            return -Errno.ESTALE;
        return TryServe(file, request.Submission, payload) is { } result ? result : file.IsNonBlocking ? -Errno.EAGAIN : null;
    }

    private static long? TryServe(ProgramFile file, in Submission request, Span<byte> payload)
    {
        return (VfsOperation)request.Operation switch
        {
            VfsOperation.Read => file.CanRead ? file.Read(payload) : -Errno.EBADF,
            VfsOperation.Write => file.CanWrite ? file.Write(payload) : -Errno.EBADF,
            VfsOperation.Control => file.Control((uint)request.A1, request.A2, payload),
            _ => -Errno.ENOSYS,
        };
    }
}
