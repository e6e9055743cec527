using Servers.Vfs.Waiting;

namespace Servers.Vfs.Fat;

/// <summary>Neighbouring clusters of a file.</summary>
/// <param name="Index">Which of the file's clusters is the first.</param>
/// <param name="Cluster">Its number.</param>
/// <param name="Count">How many follow each other.</param>
internal readonly record struct FatRun(uint Index, uint Cluster, uint Count)
{
    /// <summary>Behind its last one.</summary>
    public uint End => Index + Count;
}

/// <summary>Where the clusters of a file are, as far as that is known: who reads from front to back follows the table once.</summary>
/// <param name="fileSystem">Where it lies.</param>
/// <param name="first">First cluster; 0: there is none.</param>
internal sealed class FatChain(FatFileSystem fileSystem, uint first)
{
    // A file in more pieces is followed from its beginning again by who goes back.
    private const int MostRuns = 128;

    private readonly List<FatRun> runs = [];

    /// <summary>
    /// The run that has one of the file's clusters. EIO: there is none, or the table is damaged. <paramref name="isEnd"/>: the chain ends before.
    /// </summary>
    public Errno Find(FatTable table, uint index, out FatRun run, out bool isEnd)
    {
        (run, isEnd) = (default, false);
        FatGeometry geometry = fileSystem.Geometry;
        if (runs.Count > 0 && index < runs[0].Index)
            runs.Clear();
        if (runs.Count == 0)
        {
            isEnd = first == 0;
            if (isEnd || !geometry.IsCluster(first))
                return isEnd ? Errno.None : fileSystem.Complain($"a file that begins at cluster {first}, which there is not");
            runs.Add(new FatRun(0, first, 1));
        }

        while (index >= runs[^1].End)
        {
            FatRun last = runs[^1];
            Errno error = table.Next(last.Cluster + last.Count - 1, out uint next);
            if (error != Errno.None)
                return error;
            isEnd = geometry.IsEnd(next);
            if (isEnd)
                return Errno.None;
            // A chain of more clusters than there are is a circle.
            if (!geometry.IsCluster(next) || last.End > geometry.Clusters)
                return fileSystem.Complain($"a chain of clusters that leads to {next}");
            if (next == last.Cluster + last.Count)
                runs[^1] = last with { Count = last.Count + 1 };
            else
                Add(new FatRun(last.End, next, 1));
        }

        int low = 0, high = runs.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = runs[middle].Index <= index ? (middle, high) : (low, middle - 1);
        }

        run = runs[low];
        return Errno.None;
    }

    private void Add(FatRun run)
    {
        if (runs.Count == MostRuns)
            runs.RemoveRange(0, MostRuns / 2);
        runs.Add(run);
    }
}
