namespace Microkernel.Image.Root;

/// <summary>What dpkg knows about an installed Debian package.</summary>
public static class DebianPackage
{
    /// <summary>Absolute paths of the files of the package; empty when it is not installed.</summary>
    public static IReadOnlyList<string> Files(string package)
    {
        // The list is a file of dpkg's database; asking dpkg itself would cost a process on every start.
        string list = $"/var/lib/dpkg/info/{package}.list";
        return File.Exists(list) ? [.. File.ReadLines(list).Where(File.Exists)] : [];
    }
}
