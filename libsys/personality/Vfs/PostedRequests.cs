using System.Runtime.InteropServices;
using System.Threading;
using Libsys.Abi;

namespace Libsys.Personality;

/// <summary>
/// Requests to several servers that one thread waits for together: it posts all but one and calls that one; as soon as a posted one is done, whoever reads its
/// completion cancels the
/// call, which the thread wakes up from. Then it collects the posted ones. On the thread's stack.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PostedRequests
{
    /// <summary>All servers but the one that is called.</summary>
    public const int Most = (int)Window.ProgramServers - 1;

    private int count;
    private fixed ulong connections[Most];
    private fixed int indices[Most];

    /// <summary>How many there are.</summary>
    public readonly int Count => count;

    /// <summary>Nothing is posted.</summary>
    public static void Begin(PostedRequests* posted) => posted->count = 0;

    /// <summary>Posts a request, which must stay where it is until it is collected. 0 or −errno.</summary>
    public static long Add(TaskState* task, PostedRequests* posted, VfsRequest* request)
    {
        VfsConnection* connection = ServerConnections.Get(task, request->Server, mayConnect: false, out long error);
        if (connection == null)
            return error;
        long index = VfsClient.Post(task, connection, request);
        if (index < 0)
            return index;
        posted->connections[posted->count] = (ulong)connection;
        posted->indices[posted->count] = (int)index;
        posted->count++;
        return 0;
    }

    /// <summary>
    /// The call was submitted: from here on each posted request ends it when it is done. Those that are done already are seen here: the exchange orders the
    /// note
    /// against the look, as the one in the reader orders the state against its look at the note, so that one of the two sees the other. True if the call was
    /// cancelled and the doorbell must be rung.
    /// </summary>
    public static bool Join(PostedRequests* posted, VfsConnection* connection, int index)
    {
        VfsPending* call = VfsConnection.PendingAt(connection, index);
        bool ringDoorbell = false;
        for (int i = 0; i < posted->count; i++)
        {
            VfsConnection* other = (VfsConnection*)posted->connections[i];
            VfsPending* entry = VfsConnection.PendingAt(other, posted->indices[i]);
            entry->CompanionTag = VfsClient.TagOf(call, index);
            Interlocked.Exchange(ref *(ulong*)&entry->Companion, (ulong)connection);
            if (Volatile.Read(ref entry->State) == VfsPendingState.Done || Volatile.Read(ref other->Broken) != ConnectionState.Usable)
                ringDoorbell |= VfsClient.Cancel(connection, call, index);
        }
        return ringDoorbell;
    }

    /// <summary>Ends a posted request and returns its result.</summary>
    public static long Collect(PostedRequests* posted, int i, VfsRequest* request)
    {
        VfsConnection* connection = (VfsConnection*)posted->connections[i];
        Interlocked.Exchange(ref *(ulong*)&VfsConnection.PendingAt(connection, posted->indices[i])->Companion, 0);
        return VfsClient.Collect(connection, posted->indices[i], request);
    }
}
