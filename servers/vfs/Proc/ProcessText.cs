using System.Globalization;
using System.Text;
using Libsys.Abi;
using Servers.Vfs.Names;
using Servers.Vfs.Objects;
using Servers.Vfs.Processes;

namespace Servers.Vfs.Proc;

/// <summary>Texts of the files of a process, proc(5).</summary>
internal static class ProcessText
{
    private const ulong PageSize = 4096, KiB = 1024;

    // A program may have as many regions as it has memory for, and their text is made in one go: this many take a megabyte of text and some milliseconds.
    private const int MostRegions = 16_384;

    /// <summary>/proc/PID/stat. Fields that this system does not keep are 0, as Linux shows them to strangers.</summary>
    public static string Stat(ProcSources sources, ProcessEntry entry, bool asksItself)
    {
        const int priority = 20;
        ProcessFigures figures = ProcessFigures.Of(sources, entry);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"{entry.Pid} ({entry.Name}) {StateOf(entry, figures, asksItself)} {entry.Parent} {entry.Group} {entry.Session} ")
            .Append(CultureInfo.InvariantCulture, $"{figures.TerminalDevice} {figures.TerminalForeground} 0 {figures.MinorFaults} 0 0 0 ")
            .Append(CultureInfo.InvariantCulture, $"{SystemText.Ticks(figures.UserTime)} {SystemText.Ticks(figures.SystemTime)} 0 0 ")
            .Append(CultureInfo.InvariantCulture, $"{priority + entry.Nice} {entry.Nice} {entry.Threads} 0 {SystemText.Ticks(entry.StartTime)} ")
            .Append(CultureInfo.InvariantCulture,
                $"{figures.MappedBytes} {figures.ResidentBytes / PageSize} 18446744073709551615 0 0 0 0 0 {entry.SignalsPending} ")
            .Append(CultureInfo.InvariantCulture, $"0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 {entry.ExitStatus}\n");
        return text.ToString();
    }

    // Who asks about itself waits for this answer, but for Linux it runs.
    private static char StateOf(ProcessEntry entry, in ProcessFigures figures, bool asksItself) =>
        entry.State == 'S' && (figures.IsRunnable || asksItself) ? 'R' : entry.State;

    /// <summary>/proc/PID/statm.</summary>
    public static string StatMemory(ProcSources sources, ProcessEntry entry)
    {
        ProcessFigures figures = ProcessFigures.Of(sources, entry);
        ulong mapped = figures.MappedBytes / PageSize;
        return string.Create(CultureInfo.InvariantCulture, $"{mapped} {figures.ResidentBytes / PageSize} 0 0 0 {mapped} 0\n");
    }

    /// <summary>
    /// /proc/PID/status. Lines about what only the personality of the process knows (file mask, signal masks, no_new_privs) are left out rather than made up.
    /// </summary>
    public static string Status(ProcSources sources, ProcessEntry entry, bool asksItself)
    {
        (uint uid, uint euid, uint suid) = entry.User;
        (uint gid, uint egid, uint sgid) = entry.UserGroup;
        ProcessFigures figures = ProcessFigures.Of(sources, entry);
        string state = StateOf(entry, figures, asksItself) switch { 'R' => "R (running)", 'S' => "S (sleeping)", 'T' => "T (stopped)", 'Z' => "Z (zombie)",
            _ => entry.State.ToString() };
        const int fewestDescriptors = 64; // Linux' table starts with a word of them
        int descriptors = Math.Max(sources.Registry.Processes.GetValueOrDefault(entry.Pid)?.Handles.End ?? 0, fewestDescriptors);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Name:\t{entry.Name}\nState:\t{state}\nTgid:\t{entry.Pid}\nNgid:\t0\nPid:\t{entry.Pid}\n")
            .Append(CultureInfo.InvariantCulture,
            $"PPid:\t{entry.Parent}\nTracerPid:\t0\nUid:\t{uid}\t{euid}\t{suid}\t{euid}\nGid:\t{gid}\t{egid}\t{sgid}\t{egid}\n")
            .Append(CultureInfo.InvariantCulture, $"FDSize:\t{descriptors}\nGroups:\t");
        foreach (uint group in entry.Groups)
            text.Append(group).Append(' ');
        text.Append(CultureInfo.InvariantCulture, $" \nNStgid:\t{entry.Pid}\nNSpid:\t{entry.Pid}\nNSpgid:\t{entry.Group}\nNSsid:\t{entry.Session}\n");
        if (entry.State != 'Z')
            AppendMemory(text, figures);
        const ulong allCapabilities = 0x1FF_FFFF_FFFF;
        ulong held = euid == 0 ? allCapabilities : 0;
        text.Append(CultureInfo.InvariantCulture, $"Threads:\t{entry.Threads}\nShdPnd:\t{entry.SignalsPending:x16}\n")
            .Append(CultureInfo.InvariantCulture,
            $"CapInh:\t{0:x16}\nCapPrm:\t{held:x16}\nCapEff:\t{held:x16}\nCapBnd:\t{allCapabilities:x16}\nCapAmb:\t{0:x16}\n")
            .Append("Seccomp:\t0\nSeccomp_filters:\t0\n");
        return text.ToString();
    }

    /// <summary>/proc/PID/maps: what lies below the personality's window. Files are named as they were mapped last.</summary>
    public static string Maps(ProcSources sources, ProcessEntry entry)
    {
        var text = new StringBuilder();
        if (!sources.Registry.Connections.TryGetValue(entry.ConnectionId, out AttachedSpace? connection))
            return "";
        var root = new Location(sources.Mounts.Root, sources.Mounts.Root.Root);
        ulong address = 0;
        int count = 0;
        while (count++ < MostRegions && connection.Channel.Space.TryQuery(address, out SpaceRegion region) && region.Start < Window.Base && region.Length > 0)
        {
            // It is mapped with the personality, which is not shown.
            bool isVdso = region.Start == Window.Vdso;
            AppendRegion(text, sources, root, isVdso ? region with { Length = Window.Base - Window.Vdso, Flags = region.Flags & ~MapFlags.Shared } : region);
            address = region.Start + region.Length;
        }

        return text.ToString();
    }

    /// <summary>/proc/PID/mounts.</summary>
    public static string Mounts(ProcSources sources, FileSystemContext context)
    {
        var text = new StringBuilder();
        foreach (Mount mount in sources.Mounts.All)
            MountText.AppendMounts(text, mount, context.Root);
        return text.ToString();
    }

    /// <summary>/proc/PID/mountinfo.</summary>
    public static string MountInfo(ProcSources sources, FileSystemContext context)
    {
        var text = new StringBuilder();
        foreach (Mount mount in sources.Mounts.All)
            MountText.AppendMountInfo(text, mount, context.Root);
        return text.ToString();
    }

    // Nobody keeps the peaks: they are what is there now.
    private static void AppendMemory(StringBuilder text, in ProcessFigures figures)
    {
        ulong mapped = figures.MappedBytes / KiB;
        ulong resident = figures.ResidentBytes / KiB;
        text.Append(CultureInfo.InvariantCulture, $"VmPeak:\t{mapped,8} kB\nVmSize:\t{mapped,8} kB\nVmLck:\t{0,8} kB\nVmPin:\t{0,8} kB\n")
            .Append(CultureInfo.InvariantCulture, $"VmHWM:\t{resident,8} kB\nVmRSS:\t{resident,8} kB\n");
    }

    private static void AppendRegion(StringBuilder text, ProcSources sources, Location root, in SpaceRegion region)
    {
        const int nameColumn = 73; // where Linux aligns the path
        Location? file = region.Object != 0 ? sources.MappedNames.Find(region.Object) : null;
        string? name = file is { } place ? Encoding.UTF8.GetString(PathText.Of(place, root)) : (region.Flags & MapFlags.GrowsDown) != 0 ? "[stack]"
            : region.Start == Window.Vdso ? "[vdso]" : null;
        ulong offset = file != null ? region.Offset : 0;
        uint minor = file?.Inode.FileSystem.Device & 0xFF ?? 0;
        ulong inode = file?.Inode.Number ?? 0;
        int before = text.Length;
        text.Append(CultureInfo.InvariantCulture, $"{region.Start:x8}-{region.Start + region.Length:x8} ")
            .Append((region.Flags & MapFlags.Read) != 0 ? 'r' : '-').Append((region.Flags & MapFlags.Write) != 0 ? 'w' : '-')
            .Append((region.Flags & MapFlags.Execute) != 0 ? 'x' : '-').Append((region.Flags & MapFlags.Shared) != 0 ? 's' : 'p')
            .Append(CultureInfo.InvariantCulture, $" {offset:x8} 00:{minor:x2} {inode} ");
        if (name != null)
            text.Append(' ', Math.Max(nameColumn - (text.Length - before), 0)).Append(name);
        text.Append('\n');
    }
}
