using Libsys.Hosting;
using Libsys.Rings;

namespace Servers.Drivers.Console.Hosting;

/// <summary>The client's connection.</summary>
internal sealed class SerialConnection(ConsoleServer server, ServerContext context, ulong badge) : ISoleClientHandler, ISerialClient
{
    /// <inheritdoc/>
    public ConnectionServer Rings { get; set; } = null!;

    /// <inheritdoc/>
    public void Handle(ConnectionServer connection, in Submission submission) => server.Submit(this, submission);

    /// <inheritdoc/>
    public void Violated(ConnectionServer connection)
    {
        connection.Close();
        context.ReportViolation(badge);
    }

    /// <inheritdoc/>
    public Span<byte> Buffer(in Submission request) => Rings.TryPayload(request, out Span<byte> buffer) ? buffer : default;

    /// <inheritdoc/>
    public void Complete(in Completion completion) => Rings.Complete(in completion);
}
