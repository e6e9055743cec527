using Microkernel.Image.Roots;

namespace Microkernel.Image.Run;

/// <summary>
/// The disk that <c>DISK=default</c> names: an ext4 that is made when it is first asked for and kept from then on, for whoever wants somewhere to write. QEMU's
/// lock of the file refuses it to a second run, as it does with all disks.
/// </summary>
internal static class DefaultDisk
{
    /// <summary>What stands in place of the file's name.</summary>
    public const string Name = "default";

    private const string Label = "default";

    // Room for what somebody tries out. Nothing of it takes room on the host before it is written: the file is sparse.
    private const long Length = 4L << 30;

    /// <summary>The file, whether it is there or not. Not below .build: what a user has written is nothing that a build makes.</summary>
    public static string PathIn(RepositoryLayout repository) => Path.Combine(repository.Results, "disks", "default.ext4");

    /// <summary>Makes it, if it is not there.</summary>
    /// <exception cref="ImageException">It cannot be made.</exception>
    public static void Prepare(string path)
    {
        if (File.Exists(path))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Under another name first: one that was cut off is no disk.
        string partial = $"{path}.{Path.GetRandomFileName()}.partial";
        try
        {
            using (FileStream file = File.Create(partial))
                file.SetLength(Length);
            HostCommand.Output(Ext4Image.Tool("mke2fs"), "-q", "-F", "-t", "ext4", "-L", Label, "-E", "root_owner=0:0", partial);
            File.Move(partial, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another run was as fast: its disk is as good, and may be in use already.
        }
        finally
        {
            File.Delete(partial);
        }
    }
}
