using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>Debian's unmodified static busybox (package busybox-static), as installed on the build machine or unpacked below .build.</summary>
public sealed class Busybox
{
    private readonly string file;

    private Busybox(string file) => this.file = file;

    /// <summary>Finds the program by asking dpkg, so that another busybox in the path is never taken for it.</summary>
    /// <exception cref="ImageException">It is not installed.</exception>
    public static Busybox Locate(RepositoryLayout repository)
    {
        string unpacked = Path.Combine(repository.DebianFiles, "bin/busybox");
        string? found = DebianPackage.Files("busybox-static").FirstOrDefault(name => name.EndsWith("/bin/busybox", StringComparison.Ordinal))
            ?? (File.Exists(unpacked) ? unpacked : null);
        return found is null
            ? throw new ImageException("busybox is missing; install it: sudo apt-get install busybox-static")
            : new Busybox(found);
    }

    /// <summary>Adds the program and a symbolic link for each applet, where busybox itself says that it belongs.</summary>
    public void AddTo(RootTree tree)
    {
        byte[] program = File.ReadAllBytes(file);
        tree.AddFile("bin/busybox", 0x1ed, program);
        foreach (string applet in HostCommand.Lines(file, "--list-full"))
        {
            // "linuxrc" is the start program of a kind of boot that neither system has.
            if (applet is not ("bin/busybox" or "linuxrc") && tree.Find(applet) is null)
                tree.AddSymbolicLink(applet, "/bin/busybox");
        }

        if (tree.Find("bin/sh")?.Type != BootArchive.SymbolicLink)
            throw new ImageException($"{file} has no sh applet");
    }
}
