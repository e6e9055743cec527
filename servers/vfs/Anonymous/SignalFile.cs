using Servers.Vfs.Objects;
using Servers.Vfs.Sources;

namespace Servers.Vfs.Anonymous;

/// <summary>
/// signalfd(2): a mask that those who have the description share. What is pending is known in the process that asks, which reads and polls by itself; here it
/// is never ready.
/// </summary>
/// <param name="location">Its name.</param>
/// <param name="flags">Status flags.</param>
/// <param name="mask">The signals, bit n−1.</param>
public sealed class SignalFile(Location location, uint flags, ulong mask) : SourceFile(location, flags, mask)
{
    /// <summary>Nothing more.</summary>
    public override ulong Kind => 0;

    /// <summary>The mask.</summary>
    public ulong Mask => Look();

    /// <summary>Another mask. EAGAIN: others keep changing it.</summary>
    public Errno Set(ulong mask)
    {
        ulong found = Look();
        for (int tries = 0; tries < MostTries; tries++)
        {
            if (TryReplace(ref found, mask, Libsys.Messages.EventCounterPage.Rises))
                return Errno.None;
        }

        return Errno.EAGAIN;
    }

    /// <summary>As on Linux: nothing moves, and it is no error.</summary>
    public override long Seek(OperationContext context, long offset, uint whence) => 0;

    /// <inheritdoc/>
    public override ushort Poll() => 0;
}
