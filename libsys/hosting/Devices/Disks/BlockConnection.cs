using Libsys.Linux;
using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Devices.Disks;

/// <summary>The connection of a client of a driver of disks: hands its requests (<see cref="BlockOperation"/>) to the disks that they name.</summary>
/// <param name="disks">The driver's disks, by their numbers.</param>
/// <param name="loop">The driver's loop.</param>
/// <param name="context">Is told of a client that breaks the rules of the rings.</param>
/// <param name="badge">Whose connection it is.</param>
public sealed class BlockConnection(IReadOnlyList<IServedDisk> disks, EventLoop loop, ServerContext context, ulong badge) : ISoleClientHandler, IBlockClient
{
    private bool isNotifying;

    /// <inheritdoc/>
    public ConnectionServer Rings { get; set; } = null!;

    /// <inheritdoc/>
    public void Handle(ConnectionServer connection, in Submission submission)
    {
        if (submission.A0 >= (ulong)disks.Count)
        {
            connection.Complete(submission.Tag, -Errno.ENODEV);
            return;
        }

        disks[(int)submission.A0].Submit(this, submission);
        if (isNotifying)
            return;
        // All requests of a turn are told to the device at once.
        isNotifying = true;
        loop.Post(Notify);
    }

    /// <inheritdoc/>
    public void Violated(ConnectionServer connection)
    {
        connection.Close();
        context.ReportViolation(badge);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Segments(in Submission request) => Rings.TryPayload(request, out Span<byte> range) ? range : default;

    /// <inheritdoc/>
    public void Complete(ulong tag, long result)
    {
        // Of a connection that has ended nobody waits any more.
        if (Rings.IsOpen)
            Rings.Complete(tag, result);
    }

    private void Notify()
    {
        isNotifying = false;
        foreach (IServedDisk disk in disks)
            disk.Notify();
    }
}
