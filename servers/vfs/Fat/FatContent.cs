using Servers.Vfs.Objects;

namespace Servers.Vfs.Fat;

/// <summary>The bytes of a directory: a chain of clusters, or the range that the root of FAT12 and FAT16 has.</summary>
internal sealed class FatContent
{
    // 65,536 entries, which is what the format allows.
    private const int LongestDirectory = 65_536 * FatGeometry.EntryLength;

    private readonly FatFileSystem fileSystem;
    private readonly FatChain? chain;
    private readonly long start;

    public FatContent(FatFileSystem fileSystem, uint cluster) => (this.fileSystem, chain) = (fileSystem, new FatChain(fileSystem, cluster));

    public FatContent(FatFileSystem fileSystem, long start, int length) => (this.fileSystem, this.start, Length) = (fileSystem, start, length);

    /// <summary>Bytes of it, after <see cref="Measure"/>.</summary>
    public int Length { get; private set; }

    /// <summary>Follows the chain to its end.</summary>
    public Errno Measure(OperationContext context)
    {
        if (chain == null)
            return Errno.None;
        int size = fileSystem.Geometry.ClusterSize;
        var table = new RequestTable(fileSystem, context);
        for (uint index = 0; ;)
        {
            Errno error = chain.Find(table, index, out FatRun run, out bool isEnd);
            if (error != Errno.None)
                return error;
            if (isEnd)
            {
                Length = (int)index * size;
                return Errno.None;
            }

            if ((long)run.End * size > Math.Max(LongestDirectory, size))
                return fileSystem.Complain("a directory that is too long");
            index = run.End;
        }
    }

    /// <summary>Reads a part of it, and says where on the device it lies; less than is wanted at the end of what lies together.</summary>
    public Errno Read(OperationContext context, int at, Span<byte> into, out int length, out long place)
    {
        (length, place) = (0, start + at);
        int together = Length - at;
        if (chain != null)
        {
            FatGeometry geometry = fileSystem.Geometry;
            Errno error = chain.Find(new RequestTable(fileSystem, context), (uint)(at >> geometry.ClusterBits), out FatRun run, out bool isEnd);
            if (error != Errno.None || isEnd)
                return error != Errno.None ? error : fileSystem.Complain("a directory that has become shorter");
            place = geometry.PlaceOf(run.Cluster) + (at - ((long)run.Index << geometry.ClusterBits));
            together = (int)Math.Min(together, ((long)run.End << geometry.ClusterBits) - at);
        }

        length = Math.Min(together, into.Length);
        return fileSystem.Read(context, place, into[..length]);
    }
}
