using Libsys.Hosting;
using Libsys.Rings;
using Servers.Drivers.Console.Terminals;

namespace Servers.Drivers.Console.Hosting;

/// <summary>A client's connection.</summary>
internal sealed class ConsoleConnection(ConsoleServer server, Log log) : IConnectionHandler, IConsoleClient
{
    private ConnectionServer? rings;

    /// <inheritdoc/>
    public void Handle(ConnectionServer connection, in Submission submission)
    {
        rings = connection;
        server.Submit(this, submission);
    }

    /// <inheritdoc/>
    public void Violated(ConnectionServer connection)
    {
        log.Write("a client broke the ring protocol; its connection is closed");
        server.Forget(this);
        connection.Close();
    }

    /// <inheritdoc/>
    public Span<byte> Buffer(uint offset, uint length) =>
        rings is { IsOpen: true } && rings.TryPool(offset, length, out Span<byte> buffer) ? buffer : default;

    /// <inheritdoc/>
    public void Complete(in Completion completion)
    {
        Completion copy = completion;
        rings?.Complete(ref copy);
    }
}
