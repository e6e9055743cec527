using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Sources;

/// <summary>
/// The page by which all who have a description move its offset (<see cref="OffsetPage"/>). What stands there is never believed, but for the offset, of which
/// every value will do.
/// </summary>
/// <param name="page">The memory.</param>
/// <param name="number">Of the description; no other has had it.</param>
internal sealed class SharedOffset(ISourcePage page, ulong number) : ISharedOffset
{
    /// <inheritdoc/>
    public ulong Number => number;

    /// <summary>Maps it for one who has the description, over what the space has offered.</summary>
    public Errno Map(AttachedSpace space, ulong address)
    {
        page.Memory.WriteUInt64(OffsetPage.Description, number);
        return space.Channel.Space.Map(address, page) switch
        {
            KernelStatus.Ok => Errno.None,
            KernelStatus.NoMemory or KernelStatus.NoHandle => Errno.ENOMEM,
            _ => Errno.EINVAL,
        };
    }

    /// <inheritdoc/>
    public void GiveOffset(long offset) => page.Memory.WriteUInt64(OffsetPage.Offset, (ulong)offset | FileSlots.Lent);

    /// <inheritdoc/>
    public long TakeOffset(long last) => FileSlots.OffsetOf(page.Memory.ExchangeUInt64(OffsetPage.Offset, 0), last);

    /// <inheritdoc/>
    public void Destroy() => page.Destroy();
}
