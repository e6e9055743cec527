using Libsys.Hosting;
using Libsys.Rings;
using Servers.Vfs.Requests;

namespace Servers.Vfs.Hosting;

/// <summary>Hands the requests of one program's connection to the server.</summary>
internal sealed class ClientHandler(VfsServer server, PostedCalls posted, ClientChannel channel, Log log) : IConnectionHandler
{
    /// <inheritdoc/>
    public void Handle(ConnectionServer connection, in Submission submission) => server.Submit(channel.Connection, submission);

    /// <inheritdoc/>
    public void Violated(ConnectionServer connection)
    {
        // Its requests end here; handles go when the process server detaches the space.
        log.Write($"connection {channel.Connection.Id} broke the ring protocol and is closed");
        channel.Connection.DropRequests();
        posted.Forget(channel.Connection);
        channel.Connection.DropPermits();
        channel.Connection.Posted = null;
        connection.Close();
    }
}
