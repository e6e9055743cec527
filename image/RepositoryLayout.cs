namespace Microkernel.Image;

/// <summary>Where the project's files are. All paths are absolute.</summary>
public sealed record RepositoryLayout(string Root)
{
    /// <summary>Everything that a build makes.</summary>
    public string Build => Path.Combine(Root, ".build");

    /// <summary>The linked kernel.</summary>
    public string Kernel => Path.Combine(Build, "kernel.elf");

    /// <summary>The kernel that counts what it does, see docs/decisions/counting-kernel.md.</summary>
    public string CountingKernel => Path.Combine(Build, "kernel-counting.elf");

    /// <summary>Linux programs of the tests and of `make bench`.</summary>
    public string Programs => Path.Combine(Build, "programs");

    /// <summary>Instruction counts that `make test` compares with, see <see cref="Bench.InstructionCounts"/>.</summary>
    public string InstructionCounts => Path.Combine(Root, "tests/boot/Costs/instruction-counts.txt");

    /// <summary>Results of `make bench`; not part of the tree.</summary>
    public string Results => Path.Combine(Root, "out");

    /// <summary>The linked personality with its symbols.</summary>
    public string PersonalityImage => Path.Combine(Build, "personality.elf");

    /// <summary>The linked personality.</summary>
    public string Personality => Path.Combine(Build, "personality.bin");

    /// <summary>One file a server, named as the server.</summary>
    public string Servers => Path.Combine(Build, "servers");

    /// <summary>Tables of functions and source lines, named as the program; see <see cref="Libsys.Hosting.Symbols.CodeTable"/>.</summary>
    public string Symbols => Path.Combine(Build, "symbols");

    /// <summary>Debian packages that were unpacked because they could not be installed.</summary>
    public string DebianFiles => Path.Combine(Build, "debian");

    /// <summary>Root file systems that were built, see ROOT in docs/running.md.</summary>
    public string Roots => Path.Combine(Build, "roots");

    /// <summary>Logs of runs, a directory each.</summary>
    public string Runs => Path.Combine(Build, "runs");

    /// <summary>Files of the root file system that the project itself wrote.</summary>
    public string RootFiles => Path.Combine(Root, "image/Root/base");

    /// <summary>Configurations.</summary>
    public string Configurations => Path.Combine(Root, "image/configs");

    /// <summary>Finds the project from the place of the running program, which lies below .build.</summary>
    /// <exception cref="ImageException">The program was moved away.</exception>
    public static RepositoryLayout Find()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Directory.Packages.props")))
                return new RepositoryLayout(directory.FullName);
        }

        throw new ImageException($"{AppContext.BaseDirectory} does not lie inside the project");
    }
}
