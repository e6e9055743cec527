using Microkernel.Image;

namespace Microkernel.Boot.Tests;

/// <summary>A directory with programs, for the time of a test.</summary>
public sealed class ProgramOverlay : IDisposable
{
    /// <summary>Copies programs of tests/programs there.</summary>
    public ProgramOverlay(params string[] programs)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("overlay-").FullName;
        foreach (string program in programs)
        {
            string target = Path.Combine(Directory, program);
            File.Copy(Path.Combine(RepositoryLayout.Find().Root, ".build/programs", program), target);
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Where it is.</summary>
    public string Directory { get; }

    /// <inheritdoc/>
    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
