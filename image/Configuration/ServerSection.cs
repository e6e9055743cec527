using Libsys.Hosting.Manifest;

namespace Microkernel.Image.Configuration;

/// <summary>Reads a section <c>[server NAME]</c>.</summary>
internal static class ServerSection
{
    private const int DefaultPriority = 16;
    private const long DefaultHeap = 32L << 20;

    // A server's image, stacks and runtime need about this much besides its heap.
    private const long LeastBesidesHeap = 16L << 20;

    private const int DefaultHandles = 4096;

    // Each name is up to four handles in the supervisor's table of 65,536, which all servers share.
    private const int DefaultKeepNames = 64, MostKeepNames = 8192;

    // Several restarts in a row are a fault that restarts do not cure.
    private const int DefaultRestarts = 10;
    private const int DefaultWindowSeconds = 60;

    private static readonly Dictionary<string, RestartMode> Modes = new()
    {
        ["never"] = RestartMode.Never, ["always"] = RestartMode.Always, ["power-off"] = RestartMode.PowerOff,
        ["session"] = RestartMode.Session,
    };

    private static readonly Dictionary<string, bool> Answers = new() { ["no"] = false, ["yes"] = true };

    /// <summary>The server that the section describes.</summary>
    /// <exception cref="ImageException">A value is wrong or two contradict each other.</exception>
    public static ServerDescription Read(SectionSettings settings)
    {
        string name = settings.Section.Name;
        long heap = settings.Size("heap", DefaultHeap, 1L << 20);
        long memory = settings.Size("memory", heap + 2 * LeastBesidesHeap, 1L << 20);
        if (memory < heap + LeastBesidesHeap)
            throw settings.Error("memory",
            $"memory of {name} is {ByteSize.Format(memory)}, but its heap alone may take {ByteSize.Format(heap)} and the program needs " +
            $"{ByteSize.Format(LeastBesidesHeap)} besides");

        RestartMode mode = settings.Choice("restart", RestartMode.Never, Modes);
        int restarts = settings.Number("restarts", DefaultRestarts, 1, 1000);
        int window = settings.Number("restart-window", DefaultWindowSeconds, 1, 3600);
        bool isRestarted = mode is RestartMode.Always or RestartMode.Session;
        bool spare = settings.Choice("spare", false, Answers);
        if (spare && mode != RestartMode.Always)
            throw settings.Error("spare", $"a spare needs restart = always in [server {name}]");
        bool isVital = settings.Choice("vital", true, Answers);
        if (!isVital && mode != RestartMode.Always)
            throw settings.Error("vital", $"vital = no needs restart = always in [server {name}]");
        long keep = settings.Size("keep", 0, 64L << 10);
        if (keep == 0 && settings.Section.Settings.Any(setting => setting.Key == "keep-names"))
            throw settings.Error("keep-names", $"keep-names needs keep in [server {name}]");
        int keepNames = settings.Number("keep-names", keep == 0 ? 0 : DefaultKeepNames, 1, MostKeepNames);
        if (!isRestarted && settings.Section.Settings.Any(setting => setting.Key is "restarts" or "restart-window"))
            throw settings.Error("restarts", $"restarts and restart-window need restart = always or session in [server {name}]");

        return new ServerDescription(
            name,
            settings.Text("archive", name),
            settings.Text("after", "").Split(' ', StringSplitOptions.RemoveEmptyEntries),
            settings.Number("priority", DefaultPriority, 1, 31),
            heap,
            new AccountLimits(memory, settings.Number("handles", DefaultHandles, 16, 1 << 20), keep, keepNames),
            [.. Resources(settings)],
            isRestarted ? new RestartPolicy(mode, restarts, window) : new RestartPolicy(mode, 0, 0),
            spare,
            settings.Choices("grants", GrantName.All).Aggregate(Grant.None, (all, one) => all | one),
            [.. Devices(settings)],
            [.. Functions(settings)],
            isVital);
    }

    private static IEnumerable<FunctionIdentity> Functions(SectionSettings settings)
    {
        foreach (string word in settings.Text("pci", "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return FunctionIdentity.TryParse(word, out FunctionIdentity identity) ? identity : throw settings.Error(
                "pci", $"pci is a list of VENDOR:DEVICE in hexadecimal digits, such as 1af4:1042, not {word}");
        }
    }

    private static IEnumerable<DeviceNode> Devices(SectionSettings settings)
    {
        const string form = "MAJOR MINOR MODE, such as 240 0 666";
        foreach ((string name, int[] numbers, Setting setting) in settings.Named("device", 3, form))
        {
            // The mode is written as chmod(1) has it.
            string mode = numbers[2].ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (numbers[0] is 0 or > DeviceNode.HighestMajor || mode.Length > 3 || mode.Any(digit => digit > '7') || !DeviceNode.IsName(name))
                throw settings.Error(setting, $"device.{name} is written {form}, not {setting.Value}");
            yield return new DeviceNode(name, numbers[0], numbers[1], Convert.ToInt32(mode, 8));
        }
    }

    private static IEnumerable<HardwareResource> Resources(SectionSettings settings)
    {
        foreach ((string name, int[] numbers, Setting setting) in settings.Named("ports", 2, "FIRST COUNT, such as 0x3f8 8"))
        {
            if (numbers[1] == 0 || numbers[0] + numbers[1] > 0x10000)
                throw settings.Error(setting, $"ports.{name} = {setting.Value} ends beyond port 0xffff or is empty");
            yield return new HardwareResource(name + ".ports", HardwareKind.IoPorts, numbers[0], numbers[1]);
        }

        foreach ((string name, int[] numbers, Setting setting) in settings.Named("interrupt", 1, "LINE, such as 4"))
        {
            // The two interrupt controllers of the ISA bus have 16 lines.
            if (numbers[0] > 15)
                throw settings.Error(setting, $"interrupt.{name} is a line from 0 to 15, not {setting.Value}");
            yield return new HardwareResource(name + ".interrupt", HardwareKind.Interrupt, numbers[0], 1);
        }
    }
}
