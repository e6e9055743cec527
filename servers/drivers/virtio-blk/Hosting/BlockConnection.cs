using Libsys.Hosting;
using Libsys.Messages;
using Libsys.Rings;
using Servers.Drivers.VirtioBlk.Disks;

namespace Servers.Drivers.VirtioBlk.Hosting;

/// <summary>The client's connection.</summary>
internal sealed class BlockConnection(IReadOnlyList<VirtioDisk> disks, EventLoop loop, ServerContext context, ulong badge)
    : ISoleClientHandler, IBlockClient
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
        foreach (VirtioDisk disk in disks)
            disk.Notify();
    }
}
