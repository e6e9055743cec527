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

    /// <summary>
    /// A program of a package, as installed on the build machine or unpacked below .build. dpkg is asked, so that another program of that name in the
    /// path is never taken for it.
    /// </summary>
    /// <param name="repository">The project.</param>
    /// <param name="package">Name of the package.</param>
    /// <param name="path">Where the program lies, without the leading slash; Debian may have put it below /usr.</param>
    /// <exception cref="ImageException">It is not installed.</exception>
    public static string Locate(RepositoryLayout repository, string package, string path)
    {
        string unpacked = Path.Combine(repository.DebianFiles, path);
        return Files(package).FirstOrDefault(name => name.EndsWith("/" + path, StringComparison.Ordinal))
            ?? (File.Exists(unpacked) ? unpacked : throw new ImageException($"{path} is missing; install it: sudo apt-get install {package}"));
    }
}
