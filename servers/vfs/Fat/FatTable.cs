using Servers.Vfs.Objects;
using Servers.Vfs.Pages;
using Servers.Vfs.Volumes;

namespace Servers.Vfs.Fat;

/// <summary>
/// Reads the table that says of each cluster which one follows it. It is read by pages of the device, each of which is copied before it is looked at.
/// </summary>
internal abstract class FatTable(FatGeometry geometry)
{
    private readonly byte[] page = new byte[CachedFile.PageSize];
    private long held = -1;

    /// <summary>What the table says of a cluster, whose number has been checked; Wait: it is on its way.</summary>
    public Errno Next(uint cluster, out uint next)
    {
        next = 0;
        long at = geometry.TableStart + (geometry.Bits == 12 ? cluster + cluster / 2L : (long)cluster * (geometry.Bits / 8));
        // Two of twelve bits are in three bytes, which may lie in two pages.
        for (int number = 0; number < (geometry.Bits + 7) / 8; number++)
        {
            Errno error = Hold((at + number) / CachedFile.PageSize);
            if (error != Errno.None)
                return error;
            next |= (uint)page[(at + number) % CachedFile.PageSize] << 8 * number;
        }

        next = geometry.Bits switch { 12 => cluster % 2 == 0 ? next & 0xFFF : next >> 4, 16 => next, _ => next & 0x0FFFFFFF };
        return Errno.None;
    }

    /// <summary>Fills a copy with a page of the device.</summary>
    protected abstract Errno Read(long number, Span<byte> into);

    private Errno Hold(long number)
    {
        if (held == number)
            return Errno.None;
        held = -1;
        Errno error = Read(number, page);
        if (error == Errno.None)
            held = number;
        return error;
    }
}

/// <summary>For a request: it waits by the device's pages.</summary>
internal sealed class RequestTable(FatFileSystem fileSystem, OperationContext context) : FatTable(fileSystem.Geometry)
{
    protected override Errno Read(long number, Span<byte> into)
    {
        long start = number * CachedFile.PageSize;
        int length = (int)Math.Clamp(fileSystem.Disk.Content.Size - start, 0, into.Length);
        into[length..].Clear();
        return length == 0 ? Errno.EIO : fileSystem.Read(context, start, into[..length]);
    }
}

/// <summary>
/// For a transfer of pages, which cannot wait for pages of the device: these may wait for room that only the end of transfers makes. It goes on when a page has
/// come by a slot that was set aside.
/// </summary>
internal sealed class TransferTable(FatFileSystem fileSystem, Action goOn) : FatTable(fileSystem.Geometry)
{
    private byte[] arrived = [];
    private long arrivedNumber = -1;
    private Errno failure;

    /// <summary>The page that it waits for.</summary>
    public long Wanted { get; private set; }

    /// <summary>The page is there, or not.</summary>
    public void Arrived(Errno error, ReadOnlySpan<byte> bytes)
    {
        failure = error;
        if (error == Errno.None)
            (arrived, arrivedNumber) = (bytes.ToArray(), Wanted);
        goOn();
    }

    protected override Errno Read(long number, Span<byte> into)
    {
        if (number * CachedFile.PageSize + into.Length <= fileSystem.Disk.Content.Size && fileSystem.Disk.Content.TryCopy(number * CachedFile.PageSize, into))
            return Errno.None;
        (Errno error, failure) = (failure, Errno.None);
        if (error != Errno.None)
            return error;
        if (arrivedNumber == number)
        {
            arrived.CopyTo(into);
            return Errno.None;
        }

        Wanted = number;
        return fileSystem.Reads.Begin(this);
    }
}
