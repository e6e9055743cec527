using System.IO.Hashing;
using System.Text;
using Microkernel.Image.Root;

namespace Microkernel.Image.Roots;

/// <summary>
/// Root file systems as ext4 images below .build/roots, each named by the hash of its tree. One is made once; runs start from it and leave it as it is.
/// </summary>
internal static class DiskImageCache
{
    // Changes when equal trees make another image.
    private const string Rules = "disk 1";

    // Each may have a gigabyte.
    private const int Kept = 4;

    /// <summary>The image of a tree.</summary>
    /// <exception cref="ImageException">It cannot be made.</exception>
    public static string Load(RepositoryLayout repository, RootTree tree, string description, Action<string> note)
    {
        IReadOnlyList<RootEntry> entries = tree.Entries;
        Directory.CreateDirectory(repository.Roots);
        string image = Path.Combine(repository.Roots, HashOf(entries) + ".ext4");
        if (!File.Exists(image))
        {
            note($"making an ext4 of {description}");
            // Another run may make the same: each has files of its own, and the last one to be finished stays.
            string scratch = Directory.CreateDirectory(Path.Combine(repository.Roots, $"{Environment.ProcessId}-{Guid.NewGuid():N}")).FullName;
            try
            {
                File.Move(Ext4Image.Make(entries, scratch, note), image, overwrite: true);
            }
            finally
            {
                Directory.Delete(scratch, recursive: true);
            }

            foreach (FileInfo old in new DirectoryInfo(repository.Roots).GetFiles("*.ext4").OrderByDescending(file => file.LastWriteTimeUtc).Skip(Kept))
                old.Delete();
        }

        File.SetLastWriteTimeUtc(image, DateTime.UtcNow);
        return image;
    }

    // Content that lies in a file of .build/roots is named by that file, whose name is a hash itself.
    private static string HashOf(IReadOnlyList<RootEntry> entries)
    {
        var hash = new XxHash128();
        hash.Append(Encoding.UTF8.GetBytes(Rules));
        foreach (RootEntry entry in entries)
        {
            hash.Append(Encoding.UTF8.GetBytes(
                $"{entry.Path}\0{entry.Mode} {entry.UserId} {entry.GroupId} {entry.ModifiedSeconds} {entry.Device} {entry.HardLinkTo}\0" +
                $"{entry.Content.File} {entry.Content.Offset} {entry.Content.Length}\0{entry.Attributes.Length}\0"));
            hash.Append(entry.Attributes.Span);
            if (entry.Content.File is null)
                hash.Append(entry.Content.ToArray());
        }

        return Convert.ToHexString(hash.GetCurrentHash()).ToLowerInvariant();
    }
}
