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
        (RootTree? root, RootImage? image) = request.Root is null ? default : RootCache.Load(repository, RootSource.Find(repository, request.Root), Note);
        RootTree tree = RootFileSystem.Build(repository, request.Overlay, request.Command, request.Terminal, root, directory);
        MachineSettings settings = MachineSettings.Choose(repository, request, tree, image);
        return new PreparedRun(settings, BootFiles.Prepare(repository, request, settings.Configuration, tree, image, directory));
    }

    private static void Note(string sentence) => Console.Error.WriteLine($"run: {sentence}");
}
