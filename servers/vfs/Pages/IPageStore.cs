using Servers.Vfs.Objects;

namespace Servers.Vfs.Pages;

/// <summary>
/// Where the pages of a file lie while they are not in memory, and after they were written: part of a device, or another server. What a file system with blocks
/// gives each <see cref="CachedFile"/>. docs/page-cache.md has the contract.
/// </summary>
/// <remarks>
/// The cache never has two transfers of a page under way at once, but for one that was read in vain: the file was cut behind it. Blocks of a page that is being
/// written are in use until the transfer ends, also if the file has been released meanwhile.
/// </remarks>
public interface IPageStore
{
    /// <summary>
    /// Begins to fill all of a transfer's bytes; what was never written is zero. <see cref="PageTransfer.Complete"/> is called once, before this returns or
    /// later.
    /// </summary>
    void BeginRead(PageTransfer transfer);

    /// <summary>Begins to store a transfer's bytes, which may change meanwhile: then they are written again. Ends as a read does.</summary>
    void BeginWrite(PageTransfer transfer);

    /// <summary>
    /// fsync(2) by a mapping: what is dirty is safe afterwards (<see cref="CachedFile.Sync"/>), and what is needed to find it again. May wait. What could not
    /// be written is told by the cache.
    /// </summary>
    Errno Sync(OperationContext context);

    /// <summary>Pages were found that a mapping has written since the last time: the times of the file change now.</summary>
    void WrittenByMapping();

    /// <summary>
    /// Nobody maps the file any more, and nothing of it is under way: for those who had to keep it until then (<see cref="CachedFile.IsInUse"/>).
    /// </summary>
    void Unused();
}
