namespace Microkernel.Image.Run;

/// <summary>The kernels that can be booted.</summary>
public enum TargetSystem
{
    /// <summary>This project's.</summary>
    Microkernel,

    /// <summary>Debian's Linux: the reference for comparisons.</summary>
    Linux,
}

/// <summary>What to boot and how.</summary>
public sealed record RunRequest
{
    /// <summary>The system.</summary>
    public TargetSystem System { get; init; }

    /// <summary>Text for /bin/sh -c, as bytes; null for an interactive shell.</summary>
    public ReadOnlyMemory<byte>? Command { get; init; }

    /// <summary>The terminal of an interactive shell; null when nothing is known of it.</summary>
    public HostTerminal? Terminal { get; init; }

    /// <summary>Name of a list of packages, directory or tar file that the root file system is made from; null: the project's own small one.</summary>
    public string? Root { get; init; }

    /// <summary>Directory whose files are added to the root file system.</summary>
    public string? Overlay { get; init; }

    /// <summary>Files that are the machine's disks, in order: /dev/vda is the first of virtio, /dev/nvme0n1 that of NVMe.</summary>
    public IReadOnlyList<DiskFile> Disks { get; init; } = [];

    /// <summary>The machine has an IOMMU, and its disks of virtio go through it.</summary>
    public bool HasIommu { get; init; } = true;

    /// <summary>Number of CPUs; null as the configuration says.</summary>
    public int? Cpus { get; init; }

    /// <summary>Main memory in bytes; null as the configuration says.</summary>
    public long? Memory { get; init; }

    /// <summary>Time passes by instructions (1 ns each) and not by the clock: repeatable, but one CPU only.</summary>
    public bool CountsInstructions { get; init; }

    /// <summary>The run ends with status 124 after this time, counted from the start of QEMU.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Name of the configuration in image/configs.</summary>
    public string Configuration { get; init; } = "default";

    /// <summary>Unix socket at which QEMU's monitor listens; null: nobody asks.</summary>
    public string? Monitor { get; init; }

    /// <summary>Kernel image in place of the product's; null: that one. Not for Linux.</summary>
    public string? Kernel { get; init; }

    /// <summary>The machine's processor, as QEMU's <c>-cpu</c> has it.</summary>
    public string Processor { get; init; } = QemuCommandLine.Processor;

    /// <summary>What Linux' command line has beside <see cref="LinuxKernel.CommandLine"/>.</summary>
    public string LinuxParameters { get; init; } = "";

    /// <summary>QEMU waits for gdb on port 1234.</summary>
    public bool WaitsForDebugger { get; init; }
}
