using System.Buffers;
using Libsys.Hosting.Manifest;
using MessagePack;
using Microkernel.Image.Configuration;
using Microkernel.Image.Root;

namespace Microkernel.Image.Run;

/// <summary>What QEMU's boot loader gets: a kernel and an archive.</summary>
internal sealed record BootFiles(string Kernel, string Archive)
{
    // System entry of the boot archive that holds the program every server and program shares.
    private const string SupervisorEntry = "supervisor";

    /// <summary>Builds the archive for a run below <paramref name="directory"/>.</summary>
    /// <exception cref="ImageException">Something that belongs into it is missing.</exception>
    public static BootFiles Prepare(RepositoryLayout repository, RunRequest request, MachineConfiguration configuration, string directory)
    {
        RootTree tree = RootFileSystem.Build(repository, request.Overlay, request.Command);
        if (request.System == TargetSystem.Linux)
        {
            string initramfs = Path.Combine(directory, "initramfs.cpio");
            File.WriteAllBytes(initramfs, CpioWriter.Write(tree.Entries));
            return new BootFiles(LinuxKernel.Locate(repository), initramfs);
        }

        if (!File.Exists(repository.Kernel))
            throw new ImageException($"{repository.Kernel} is missing: the kernel is not built (make build)");
        AddServers(tree, repository, configuration.Manifest);
        string archive = Path.Combine(directory, "boot.archive");
        File.WriteAllBytes(archive, BootArchiveWriter.Write(tree.Entries));
        return new BootFiles(repository.Kernel, archive);
    }

    private static void AddServers(RootTree tree, RepositoryLayout repository, BootManifest manifest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        manifest.Write(ref writer);
        tree.AddSystemFile(BootManifest.EntryName, buffer.WrittenMemory);

        foreach (string name in manifest.Servers.Select(server => server.ArchiveEntry).Append(SupervisorEntry).Distinct())
        {
            string file = Path.Combine(repository.Servers, name);
            if (!File.Exists(file))
                throw new ImageException($"{file} is missing: server {name} is not built (make build)");
            tree.AddSystemFile(name, File.ReadAllBytes(file));
        }
    }
}
