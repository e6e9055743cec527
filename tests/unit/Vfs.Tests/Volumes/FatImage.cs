namespace Servers.Vfs.Tests.Volumes;

/// <summary>FAT images that mkfs.vfat and mtools make.</summary>
internal static class FatImage
{
    /// <summary>A new file system, filled with what is in a folder of the host, then changed by further commands of mtools.</summary>
    public static byte[] Make(string options, long kilobytes, string? folder = null, params string[] commands) => VolumeSystem.Make(path =>
    {
        using (FileStream file = File.OpenWrite(path))
            file.SetLength(kilobytes << 10);
        VolumeSystem.Run("mkfs.vfat", [.. options.Split(' '), path]);
        if (folder != null)
            VolumeSystem.Run("mcopy", ["-i", path, "-s", "-m", "-Q", .. Directory.EnumerateFileSystemEntries(folder).Order(StringComparer.Ordinal), "::/"]);
        foreach (string command in commands)
        {
            string[] parts = command.Split(' ');
            VolumeSystem.Run(parts[0], ["-i", path, .. parts[1..]]);
        }
    });
}
