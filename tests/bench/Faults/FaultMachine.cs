using System.Text;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Benchmark.Faults;

/// <summary>The machine in which drivers fail: two disks of virtio, two of nvme, and the programs of tests/bench/faults in /faults.</summary>
internal static class FaultMachine
{
    private const string RootName = "faults";

    private const int Disks = 4, DisksOfVirtio = 2;

    private const long DiskLength = 64 << 20;

    /// <summary>Boots it for one command, with devtmpfs mounted; what that has printed, by lines.</summary>
    /// <exception cref="ImageException">The machine or the command has failed.</exception>
    public static async Task<string[]> RunAsync(
        RepositoryLayout repository, string command, int cpus, TimeSpan timeout, CancellationToken cancellation)
    {
        DirectoryInfo overlay = Directory.CreateTempSubdirectory("faults-");
        DiskFile[] disks =
        [
            .. Enumerable.Range(0, Disks).Select(number => new DiskFile(
                Path.Combine(Path.GetTempPath(), $"{overlay.Name}.{number}"), IsReadOnly: false, IsNvme: number >= DisksOfVirtio)),
        ];
        try
        {
            DirectoryInfo programs = overlay.CreateSubdirectory("faults");
            foreach (string program in Directory.GetFiles(Path.Combine(repository.Root, "tests/bench/faults"), "*.py"))
                File.Copy(program, Path.Combine(programs.FullName, Path.GetFileName(program)));
            foreach (DiskFile disk in disks)
            {
                await using FileStream file = File.Create(disk.Path);
                file.SetLength(DiskLength);
            }

            using var output = new MemoryStream();
            RunResult result = await CommandRun.RunAsync(
                repository,
                new RunRequest
                {
                    Command = Encoding.UTF8.GetBytes($"mount -t devtmpfs none /dev; exec {command}"), Root = RootName, Overlay = overlay.FullName,
                    Cpus = cpus, Timeout = timeout, Disks = disks,
                },
                output, _ => { }, cancellation);
            string text = Encoding.UTF8.GetString(output.ToArray());
            if (result.Failure is not null || result.ExitStatus != 0)
                throw new ImageException($"{command}: status {result.ExitStatus}; {result.Failure} (log: {result.LogPath})\n{text}");
            return text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            overlay.Delete(recursive: true);
            foreach (DiskFile disk in disks)
                File.Delete(disk.Path);
        }
    }
}
