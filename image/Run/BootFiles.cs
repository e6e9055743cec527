using System.Buffers;
using Libsys.Abi;
using Libsys.Hosting.Manifest;
using Libsys.Hosting.Symbols;
using MessagePack;
using Microkernel.Image.Configuration;
using Microkernel.Image.Root;

namespace Microkernel.Image.Run;

/// <summary>What QEMU gets: a kernel and an archive for its boot loader, and what the files of a large root lie in, or the disk that is the root.</summary>
internal sealed record BootFiles(string Kernel, string Archive, RootImage? Image = null)
{
    /// <summary>The first disk of the machine, if the root file system is on one.</summary>
    public DiskFile? RootDisk { get; init; }

    // System entry of the boot archive that holds the first program.
    private const string SupervisorEntry = "supervisor";

    /// <summary>Builds the archive for a run below <paramref name="directory"/>.</summary>
    /// <exception cref="ImageException">Something that belongs into it is missing.</exception>
    public static BootFiles Prepare(
        RepositoryLayout repository, RunRequest request, MachineConfiguration configuration, RootTree tree, RootImage? image,
        string directory)
    {
        foreach (string sentence in tree.LeftOut)
            Console.Error.WriteLine($"run: {sentence}");
        if (request.System == TargetSystem.Linux)
        {
            string linux = LinuxKernel.Locate(repository);
            if (request.Disks.Count > 0)
                LinuxModules.Add(tree, linux, request.Disks);
            string initramfs = Path.Combine(directory, "initramfs.cpio");
            Write(initramfs, stream => CpioWriter.Write(tree.Entries, stream));
            return new BootFiles(linux, initramfs);
        }

        string kernel = request.Kernel ?? repository.Kernel;
        if (!File.Exists(kernel))
            throw new ImageException($"{kernel} is missing: the kernel is not built (make build)");
        AddServers(tree, repository, configuration.Manifest);
        string archive = Path.Combine(directory, "boot.archive");
        Write(archive, stream => BootArchiveWriter.Write(tree.Entries, stream, image));
        if (new FileInfo(archive).Length is long length && length > (long)Window.BootArchiveLimit)
        {
            throw new ImageException(
                $"what this run adds to its root has {length >> 20} MiB, and servers see {Window.BootArchiveLimit >> 20} MiB of it; ROOT has no such bound");
        }

        return new BootFiles(kernel, archive, image);
    }

    private static void Write(string file, Action<Stream> write)
    {
        // Large enough that headers of small files do not each become a call.
        using var stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 20);
        write(stream);
    }

    private static void AddServers(RootTree tree, RepositoryLayout repository, BootManifest manifest)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        manifest.Write(ref writer);
        tree.AddSystemFile(BootManifest.EntryName, buffer.WrittenMemory);

        string[] programs = [.. manifest.Servers.Select(server => server.ArchiveEntry).Append(SupervisorEntry).Distinct()];
        foreach (string name in programs)
            tree.AddSystemFile(name, Built(repository.Servers, name));
        // For the supervisor's reports of crashes. Nobody reports the supervisor's own but the kernel, which has a table of its own.
        foreach (string name in programs.Where(name => name != SupervisorEntry).Append(CodeTable.Personality))
            tree.AddSystemFile(CodeTable.EntryPrefix + name, Built(repository.Symbols, name));
    }

    private static byte[] Built(string directory, string name)
    {
        string file = Path.Combine(directory, name);
        return File.Exists(file) ? File.ReadAllBytes(file) : throw new ImageException($"{file} is missing: {name} is not built (make build)");
    }
}
