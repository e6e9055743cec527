using Libsys.Abi;

namespace Microkernel.Image.Root;

/// <summary>Debian's unmodified static busybox (package busybox-static), as installed on the build machine or unpacked below .build.</summary>
public sealed class Busybox
{
    private readonly string file;

    private Busybox(string file) => this.file = file;

    /// <summary>Finds the program.</summary>
    /// <exception cref="ImageException">It is not installed.</exception>
    public static Busybox Locate(RepositoryLayout repository) => new(DebianPackage.Locate(repository, "busybox-static", "bin/busybox"));

    /// <summary>The program.</summary>
    public RootContent Content => File.ReadAllBytes(file);

    /// <summary>Adds the program and a symbolic link for each applet, where busybox itself says that it belongs.</summary>
    public void AddTo(RootTree tree)
    {
        tree.AddFile("bin/busybox", 0x1ed, Content);
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
