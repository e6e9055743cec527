namespace Microkernel.Image.Root;

/// <summary>Debian's unmodified static bash (package bash-static).</summary>
internal static class Bash
{
    /// <summary>Adds the program where Debian places it, and <c>/bin/bash</c> as a link to it.</summary>
    /// <exception cref="ImageException">It is not installed.</exception>
    public static void AddTo(RootTree tree, RepositoryLayout repository)
    {
        tree.AddFile("bin/bash-static", 0x1ed, File.ReadAllBytes(DebianPackage.Locate(repository, "bash-static", "bin/bash-static")));
        tree.AddSymbolicLink("bin/bash", "/bin/bash-static");
    }
}
