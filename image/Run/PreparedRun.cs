using Microkernel.Image.Root;
using Microkernel.Image.Roots;

namespace Microkernel.Image.Run;

/// <summary>What a run needs before QEMU starts: the machine's settings, which depend on the root file system, and the files.</summary>
internal sealed record PreparedRun(MachineSettings Settings, BootFiles Files)
{
    /// <summary>Builds the root file system and the files for a run below <paramref name="directory"/>.</summary>
    /// <exception cref="ImageException">Something is missing, wrong, or too large for the machine.</exception>
    public static PreparedRun Make(RepositoryLayout repository, RunRequest request, string directory)
    {
        foreach (DiskFile standard in request.Disks.Where(one => one.IsDefault))
            DefaultDisk.Prepare(standard.Path);
        if (request.Root is not null && DiskRoot.TryParse(repository, request.Root, out DiskRoot disk))
            return MakeOnDisk(repository, request, disk, directory);
        (RootTree? root, RootImage? image) = request.Root is null ? default : RootCache.Load(repository, RootSource.Find(repository, request.Root), Note);
        RootTree tree = RootFileSystem.Build(repository, request.Overlay, request.Command, request.Terminal, root, directory);
        MachineSettings settings = MachineSettings.Choose(repository, request, tree, image);
        return new PreparedRun(settings, BootFiles.Prepare(repository, request, settings.Configuration, tree, image, directory));
    }

    // The archive has what /init needs to mount the disk, and the session's files; everything else is on the disk.
    private static PreparedRun MakeOnDisk(RepositoryLayout repository, RunRequest request, DiskRoot root, string directory)
    {
        if (request.Overlay is not null)
            throw new ImageException($"OVERLAY={request.Overlay} cannot be added to ROOT={request.Root}, which is a disk that is there or is made without it");
        DiskFile disk = root.Prepare(repository, Note);
        RunRequest whole = request with { Disks = [disk, .. request.Disks] };
        RootTree tree = RootFileSystem.BuildBeforeDisk(repository, request.Command, request.Terminal);
        MachineSettings settings = MachineSettings.Choose(repository, whole, tree, image: null);
        BootFiles files = BootFiles.Prepare(repository, whole, settings.Configuration, tree, image: null, directory);
        return new PreparedRun(settings, files with { RootDisk = disk });
    }

    private static void Note(string sentence) => Console.Error.WriteLine($"run: {sentence}");
}
