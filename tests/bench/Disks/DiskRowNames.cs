using Microkernel.Image;

namespace Microkernel.Benchmark.Disks;

/// <summary>Which rows of disks there are: a script each.</summary>
internal static class DiskRowNames
{
    /// <summary>Where the scripts are.</summary>
    public static string Source(RepositoryLayout repository) => Path.Combine(repository.Root, "tests/bench/disks");

    /// <summary>Names of the rows, in their order.</summary>
    public static IReadOnlyList<string> All(RepositoryLayout repository) =>
        [.. Directory.GetFiles(Source(repository), "*.sh").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    /// <summary>True if the row has this part in its name, or this name behind a `=`.</summary>
    public static bool IsMeant(string row, string pattern) =>
        pattern.StartsWith('=') ? row == pattern[1..] : row.Contains(pattern, StringComparison.Ordinal);
}
