using Libsys.Abi;
using Libsys.Hosting.Manifest;
using Microkernel.Image.Configuration;
using Microkernel.Image.Root;

namespace Microkernel.Image.Run;

/// <summary>The machine of a run: the configuration with the variables' values over it, and with room for the root file system.</summary>
internal sealed record MachineSettings(MachineConfiguration Configuration, int Cpus, long Memory)
{
    /// <summary>The server that keeps the root file system's names and inodes in its heap.</summary>
    private const string FileServer = "vfs";

    /// <summary>A root of so many files and bytes fits into what the configuration gives.</summary>
    private const int FilesIncluded = 5_000;
    private const long BytesIncluded = 64L << 20;

    /// <summary>
    /// Heap of the file server for a file beyond: inode, name and table entries (about 650 bytes), and as much again for what the collector cannot use.
    /// </summary>
    private const long HeapPerFile = 1_300;

    /// <summary>Linux has the compressed archive and the unpacked files at one time, and gives files at most half of the memory.</summary>
    private const int LinuxCopies = 3;

    private const long Step = 64L << 20;

    /// <summary>The kernel maps 64 GiB of physical addresses; devices, and the gap up to where a module of memory begins, take some of them.</summary>
    private const long AddressesForMemory = 60L << 30;

    /// <summary>Loads the configuration and applies the variables.</summary>
    /// <exception cref="ImageException">The configuration is wrong, or the servers and the root do not fit into MEM.</exception>
    public static MachineSettings Choose(RepositoryLayout repository, RunRequest request, RootTree root, RootImage? image)
    {
        string[] parts = [.. request.Disks.Select(disk => disk.Part).Distinct()];
        MachineConfiguration configuration = MachineConfiguration.Load(repository, request.Configuration, parts);
        IReadOnlyList<RootEntry> entries = root.Entries;
        bool isLinux = request.System == TargetSystem.Linux;
        long bytes = entries.Where(entry => entry.Type == BootArchive.RegularFile && (isLinux || image is null || entry.Content.File != image.File))
            .Sum(entry => RoundUp(entry.Content.Length, BootArchive.PageSize));
        long beyond = Math.Max(0, bytes - BytesIncluded);
        long heap = RoundUp(Math.Max(0, entries.Count - FilesIncluded) * HeapPerFile, 1L << 20);
        long memory = request.Memory ?? configuration.Memory + RoundUp(isLinux ? beyond * LinuxCopies : beyond + 2 * heap, Step);
        if (!isLinux && image is not null && memory + image.Length > AddressesForMemory)
        {
            throw new ImageException(
                $"ROOT={request.Root} has {RoundUp(image.Length, 1L << 30) >> 30} GiB, and the memory {RoundUp(memory, 1L << 30) >> 30}; " +
                $"together they may have {AddressesForMemory >> 30} GiB");
        }

        configuration = configuration with { Manifest = WithHeap(configuration.Manifest, heap) };
        long committed = configuration.Manifest.Servers.Sum(server => server.Account.Memory + server.Account.Keep);
        if (!isLinux && committed + beyond > memory)
        {
            string files = beyond > 0 ? $" and the root file system's {ByteSize.Format(RoundUp(bytes, 1L << 20))}" : "";
            throw new ImageException(
                $"MEM={ByteSize.Format(memory)} is less than the {ByteSize.Format(committed)} that the servers of CONFIG={request.Configuration} are " +
                $"promised{files}");
        }

        return new MachineSettings(configuration, request.CountsInstructions ? 1 : request.Cpus ?? configuration.Cpus, memory);
    }

    private static BootManifest WithHeap(BootManifest manifest, long heap) => heap == 0 ? manifest : manifest with
    {
        Servers = [.. manifest.Servers.Select(server => server.Name != FileServer ? server : server with
        {
            HeapLimit = server.HeapLimit + heap,
            Account = server.Account with { Memory = server.Account.Memory + 2 * heap },
        })],
    };

    private static long RoundUp(long size, long step) => (size + step - 1) / step * step;
}
