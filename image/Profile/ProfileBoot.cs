using Microkernel.Image.Bench;
using Microkernel.Image.Run;

namespace Microkernel.Image.Profile;

/// <summary>
/// Boots this system for one row of the measuring program, and has QEMU write down each instruction of one batch. Tracing is switched on by QEMU's monitor when
/// the program says that it is about to begin, so what comes before runs at its usual speed.
/// </summary>
internal static class ProfileBoot
{
    // About a hundred trips to a server. QEMU writes a million instructions in some seconds.
    private const long BatchLength = 500_000;

    /// <summary>Programs that may run, by their names in <c>.build</c>; the measuring one first.</summary>
    private static readonly string[] Servers = ["vfs", "process", "console", "supervisor", "rtc"];

    /// <summary>The profile, and how many operations it is of.</summary>
    /// <exception cref="ImageException">The boot failed, no row or several match, or the trace has no batch.</exception>
    public static async Task<(InstructionProfile Profile, string Row, double Operations)> RunAsync(
        RepositoryLayout repository, string row, CancellationToken cancellation)
    {
        var profile = new InstructionProfile(
            Code(repository, "kernel", repository.Kernel, repository.Kernel), Code(repository, "personality", repository.PersonalityImage),
            [
                Code(repository, "Bench", Path.Combine(repository.Programs, "Bench"), Published(repository, "Bench")),
                .. Servers.Select(server => Code(repository, server, Path.Combine(repository.Servers, server), Published(repository, server))),
                Code(repository, "CallCosts", Path.Combine(repository.Programs, "CallCosts")),
            ]);
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("profile-");
        try
        {
            string fifo = Path.Combine(scratch.FullName, "trace"), monitor = Path.Combine(scratch.FullName, "monitor");
            HostCommand.Output("mkfifo", fifo);
            Task reading = Task.CompletedTask, starting = Task.CompletedTask;
            var boot = new BenchBoot
            {
                System = TargetSystem.Microkernel, CountsInstructions = true, IsProfile = true, BatchLength = BatchLength, Rows = [row], Monitor = monitor,
                Ready = () =>
                {
                    reading = Task.Factory.StartNew(() => Read(fifo, profile), TaskCreationOptions.LongRunning);
                    starting = StartAsync(monitor, fifo);
                },
            };
            IReadOnlyList<BenchLine> lines = await boot.RunAsync(repository, _ => { }, cancellation);
            if (lines.Count != 1)
                throw new ImageException($"{lines.Count} rows have {row} in their name; one is profiled");
            if (lines[0].Missing is string reason)
                throw new ImageException($"{lines[0].Row}: {reason}");
            await starting;
            await reading;
            return profile.IsComplete ? (profile, lines[0].Row, lines[0].Values[0]) : throw new ImageException("the trace began after the batch");
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static string Published(RepositoryLayout repository, string program) => Path.Combine(repository.Build, "publish", program, program + ".dbg");

    private static ProgramCode Code(RepositoryLayout repository, string name, string program, string? symbols = null)
    {
        foreach (string file in (string[])[program, symbols ?? program])
        {
            if (!File.Exists(file))
                throw new ImageException($"{Path.GetRelativePath(repository.Root, file)} is missing: it is not built (make build)");
        }

        return new ProgramCode(name, program, symbols ?? program);
    }

    private static void Read(string fifo, InstructionProfile profile)
    {
        using var stream = new FileStream(fifo, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        new InstructionTrace(profile.Execute).Read(stream);
        profile.EndSlice();
    }

    private static async Task StartAsync(string monitor, string fifo)
    {
        using QemuMonitor qemu = await QemuMonitor.ConnectAsync(monitor);
        await qemu.AskAsync("singlestep on");
        await qemu.AskAsync($"logfile {fifo}");
        await qemu.AskAsync("log exec,nochain");
    }
}
