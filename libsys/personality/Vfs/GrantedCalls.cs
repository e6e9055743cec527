using Libsys.Abi;
using Libsys.Messages;

namespace Libsys.Personality;

/// <summary>
/// Requests to servers beside vfs. Such a server knows a handle once vfs' grant was shown to it: at open, and again by a forked child or an executed program
/// when it uses the handle first, because the server says that it does not know it.
/// </summary>
internal static unsafe class GrantedCalls
{
    // A handle that is closed and opened again at the same time by another thread can be unknown more than once; more often than this nothing helps.
    private const int MostShown = 3;

    /// <summary>As <see cref="VfsClient.Call(TaskState*, VfsRequest*)"/>.</summary>
    public static long Call(TaskState* task, VfsRequest* request)
    {
        for (int shown = 0; ; shown++)
        {
            bool holdsNothing = request->PoolOrder < 0 && request->Join == RequestJoin.Alone;
            VfsConnection* connection = ServerConnections.Get(task, request->Server, holdsNothing, out long result);
            if (connection == null)
                return result;
            result = VfsClient.CallOn(task, connection, request);
            if (result != -Errno.ESTALE || request->Operation is VfsOperation.Poll or VfsOperation.ShowGrant)
                return result;
            result = shown == MostShown ? -Errno.EIO : Show(task, request->Server, request->A0, holdsNothing);
            if (result < 0)
                return result;
        }
    }

    /// <summary>open(2) of what another server has: its grant came with the handle. 0 or −errno.</summary>
    public static long ShowFirst(TaskState* task, ulong handle, ulong granted, out uint server)
    {
        server = (byte)granted;
        if (server is 0 or >= Window.ProgramServers)
            return -Errno.ENXIO;
        return Show(task, server, handle, granted >> 8, mayConnect: true);
    }

    /// <summary>Has vfs grant a handle of this process, and shows that. 0 or −errno.</summary>
    public static long Show(TaskState* task, uint server, ulong handle, bool mayConnect)
    {
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.Grant, handle);
        long result = VfsClient.Call(task, &request);
        if (result < 0)
            return result;
        return (byte)request.V2 == server ? Show(task, server, handle, request.V2 >> 8, mayConnect) : -Errno.EBADF;
    }

    private static long Show(TaskState* task, uint server, ulong handle, ulong grant, bool mayConnect)
    {
        VfsConnection* connection = ServerConnections.Get(task, server, mayConnect, out long result);
        if (connection == null)
            return result;
        VfsRequest request;
        VfsRequest.Begin(&request, VfsOperation.ShowGrant, handle, grant);
        request.Server = (byte)server;
        result = VfsClient.CallOn(task, connection, &request);
        return result == -Errno.ESTALE ? -Errno.EBADF : result;
    }
}
