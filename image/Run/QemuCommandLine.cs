using System.Globalization;
using Microkernel.Image.Root;

namespace Microkernel.Image.Run;

/// <summary>Where the machine's ports lead to on the host.</summary>
/// <param name="Console">COM1: QEMU chardev options.</param>
/// <param name="Output">COM2: output of the session.</param>
/// <param name="Control">COM3: progress and exit status of the session.</param>
/// <param name="KernelLog">Port 0xE9: the microkernel's log.</param>
internal sealed record QemuPorts(string Console, string Output, string Control, string KernelLog)
{
    /// <summary>True when the console is <see cref="Terminal"/>.</summary>
    public bool SharesTerminal => Console.StartsWith("stdio,", StringComparison.Ordinal);

    /// <summary>Everything that is written goes to a file.</summary>
    public static string File(string id, string path) => $"file,id={id},path={Escape(path)}";

    /// <summary>QEMU connects to a unix socket that is listened at.</summary>
    public static string Socket(string id, string path) => $"socket,id={id},path={Escape(path)}";

    /// <summary>QEMU listens at a unix socket and does not wait for anyone.</summary>
    public static string Listener(string id, string path) => $"socket,id={id},path={Escape(path)},server=on,wait=off";

    /// <summary>
    /// The terminal that the tool runs in, shared with QEMU's monitor (^A c) and its escapes (^A x ends); ^C is the system's.
    /// </summary>
    public static string Terminal(string id) => $"stdio,id={id},mux=on,signal=off";

    /// <summary>Nothing.</summary>
    public static string Nowhere(string id) => $"null,id={id}";

    // QEMU's options separate by commas and take two for one.
    public static string Escape(string path) => path.Replace(",", ",,");
}

/// <summary>The arguments for QEMU.</summary>
internal static class QemuCommandLine
{
    /// <summary>Program name of the emulator.</summary>
    public const string Program = "qemu-system-x86_64";

    /// <summary>
    /// Exit code of QEMU when the microkernel powers off: it writes 0x10 to port 0xf4 and QEMU ends with twice the value plus 1. Power-off by
    /// ACPI, as Linux does it, ends with 0.
    /// </summary>
    public const int PowerOffExitCode = (0x10 << 1) | 1;

    /// <summary>
    /// The processor of all runs that ask for no other. Under emulation "rep movsb" runs byte by byte. Without the first two flags Linux copies by words, as
    /// the microkernel does. Without la57 Linux' user space ends at 2^47 as the microkernel's does, instead of granting more to programs that ask for it.
    /// </summary>
    public const string Processor = "max,-erms,-fsrm,-la57";

    /// <summary>Builds the arguments.</summary>
    public static List<string> Build(RunRequest request, int cpus, long memory, BootFiles files, QemuPorts ports)
    {
        List<string> arguments =
        [
            "-machine", "q35", "-cpu", request.Processor, "-smp", cpus.ToString(CultureInfo.InvariantCulture), "-m", Memory(memory, files.Image),
            "-nodefaults", "-display", "none", "-nic", "none", "-no-reboot",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-kernel", files.Kernel, "-initrd", files.Archive,
            "-chardev", ports.Console, "-serial", "chardev:console",
            "-chardev", ports.Output, "-serial", "chardev:output",
            "-chardev", ports.Control, "-serial", "chardev:control",
        ];
        if (files.Image is RootImage image)
        {
            // As flash memory on the memory bus that nobody writes: the kernel finds it in ACPI's table of such (NFIT). The file is mapped, not read.
            arguments.AddRange(
            [
                "-machine", "nvdimm=on", "-device", "nvdimm,memdev=root,unarmed=on",
                "-object", $"memory-backend-file,id=root,mem-path={QemuPorts.Escape(image.File)},size={image.Length},share=off,readonly=on",
            ]);
        }

        // Messages of interrupts are not translated: neither system uses that here.
        if (request.HasIommu)
            arguments.AddRange(["-device", "intel-iommu,intremap=off"]);
        IEnumerable<DiskFile> disks = files.RootDisk is DiskFile root ? request.Disks.Prepend(root) : request.Disks;
        arguments.AddRange(disks.SelectMany((disk, number) => disk.Arguments(number, request.HasIommu)));
        if (request.CountsInstructions)
            arguments.AddRange(["-accel", "tcg", "-icount", "shift=0"]);
        else
            arguments.AddRange(["-accel", "tcg,thread=multi"]);
        if (request.System == TargetSystem.Linux)
            arguments.AddRange(["-append", $"{LinuxKernel.CommandLine} {request.LinuxParameters}".TrimEnd()]);
        else
            arguments.AddRange(["-chardev", ports.KernelLog, "-device", "isa-debugcon,iobase=0xe9,chardev=log"]);
        if (ports.SharesTerminal)
            arguments.AddRange(["-mon", "chardev=console"]);
        if (request.Monitor is not null)
            arguments.AddRange(["-chardev", QemuPorts.Listener("monitor", request.Monitor), "-mon", "chardev=monitor"]);
        if (request.WaitsForDebugger)
            arguments.AddRange(["-gdb", "tcp:127.0.0.1:1234", "-S"]);
        return arguments;
    }

    // The address space that a module takes beside the memory is rounded up to the largest page, 1 GiB.
    private static string Memory(long memory, RootImage? image) => image is null
        ? $"{memory >> 20}M"
        : string.Create(CultureInfo.InvariantCulture, $"{memory >> 20}M,slots=1,maxmem={(memory >> 20) + ((image.Length >> 30) + 2) * 1024}M");
}
