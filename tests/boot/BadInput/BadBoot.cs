using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.BadInput;

/// <summary>Starts a machine with files that were changed before, and waits for its end: nothing is expected of it but a line in the log.</summary>
internal static class BadBoot
{
    // Ten times what a boot takes; only a hang reaches it.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>The exit code of QEMU, and all that was logged.</summary>
    public static async Task<(int Code, string Log)> Start(RunRequest request, string directory, Func<BootFiles, BootFiles> change, int? megabytes = null)
    {
        (MachineSettings settings, BootFiles files) = PreparedRun.Make(RepositoryLayout.Find(), request, directory);
        string log = Path.Combine(directory, "kernel.log");
        var ports = new QemuPorts(
            QemuPorts.Nowhere("console"), QemuPorts.Nowhere("output"), QemuPorts.Nowhere("control"), QemuPorts.File("log", log));
        var messages = new List<string>();
        long memory = megabytes is int m ? (long)m << 20 : settings.Memory;
        using QemuProcess qemu = QemuProcess.Start(QemuCommandLine.Build(request, settings.Cpus, memory, change(files), ports), messages.Add);
        bool hangs = await Task.WhenAny(qemu.Exit, Task.Delay(Longest)) != qemu.Exit;
        int code = await qemu.KillAsync();
        string text = (File.Exists(log) ? await File.ReadAllTextAsync(log) : "") + string.Join('\n', messages);
        Assert.False(hangs, $"the machine hangs\n{text}");
        return (code, text);
    }
}
