using Microkernel.Image.Root;

namespace Microkernel.Image.Run;

/// <summary>Debian's kernel (package linux-image-amd64): unpacked below .build by build/linux-kernel.sh, or one that the build machine has anyway.</summary>
internal static class LinuxKernel
{
    /// <summary>
    /// Command line: the serial console, no mitigations (they cost time under emulation and guard nothing here), no check whether ten ticks of the
    /// timer come in the time of ten (on a busy host they do not, and it panics), no tests of its own ciphers (a second of each boot, and one of them
    /// once held the only CPU for three minutes, until the boot's time was over), and no life after a panic, so that QEMU ends.
    /// </summary>
    public const string CommandLine = "console=ttyS0 quiet mitigations=off no_timer_check cryptomgr.notests panic=-1 oops=panic";

    /// <summary>The newest kernel image.</summary>
    /// <exception cref="ImageException">There is none that can be read.</exception>
    public static string Locate(RepositoryLayout repository)
    {
        return Newest(Path.Combine(repository.DebianFiles, "boot"), "vmlinuz-*-amd64") ?? Newest("/boot", "vmlinuz-6.1.*-amd64")
            ?? throw new ImageException("Debian's Linux kernel is missing; fetch it: make linux-kernel");
    }

    private static string? Newest(string directory, string pattern) =>
        !Directory.Exists(directory) ? null
        : Directory.EnumerateFiles(directory, pattern).Where(IsReadable).OrderBy(path => VersionOf(Path.GetFileName(path))).LastOrDefault();

    private static bool IsReadable(string path)
    {
        try
        {
            using FileStream readable = File.OpenRead(path);
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    // "vmlinuz-6.1.0-56-amd64": 6.1.0.56.
    private static Version VersionOf(string name)
    {
        string[] parts = name.Split('-');
        return parts.Length >= 4 && Version.TryParse($"{parts[1]}.{parts[2]}", out Version? version) ? version : new Version(0, 0);
    }
}
