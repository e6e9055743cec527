using Microkernel.Image.Root;

namespace Microkernel.Image.Run;

/// <summary>Debian's kernel (package linux-image-amd64), as installed on the build machine or unpacked below .build.</summary>
internal static class LinuxKernel
{
    /// <summary>
    /// Command line: the serial console, no mitigations (they cost time under emulation and guard nothing here), no check whether ten ticks of the
    /// timer come in the time of ten (on a busy host they do not, and it panics), and no life after a panic, so that QEMU ends.
    /// </summary>
    public const string CommandLine = "console=ttyS0 quiet mitigations=off no_timer_check panic=-1 oops=panic";

    /// <summary>The newest kernel image.</summary>
    /// <exception cref="ImageException">None is installed or readable.</exception>
    public static string Locate(RepositoryLayout repository)
    {
        string[] directories = ["/boot", Path.Combine(repository.DebianFiles, "boot")];
        string? newest = directories.Where(Directory.Exists)
            .SelectMany(directory => Directory.EnumerateFiles(directory, "vmlinuz-*-amd64"))
            .OrderBy(path => VersionOf(Path.GetFileName(path)))
            .LastOrDefault();
        if (newest is null)
            throw new ImageException("Debian's Linux kernel is missing; install it: sudo apt-get install linux-image-amd64");
        try
        {
            using FileStream readable = File.OpenRead(newest);
            return newest;
        }
        catch (UnauthorizedAccessException)
        {
            throw new ImageException($"{newest} cannot be read; allow it: sudo chmod a+r {newest}");
        }
    }

    // "vmlinuz-6.1.0-56-amd64": 6.1.0.56.
    private static Version VersionOf(string name)
    {
        string[] parts = name.Split('-');
        return parts.Length >= 4 && Version.TryParse($"{parts[1]}.{parts[2]}", out Version? version) ? version : new Version(0, 0);
    }
}
