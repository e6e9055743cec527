using Microkernel.Image.Tests.Safety;

namespace Microkernel.Image.Tests.Layers;

/// <summary>
/// The parts of libsys depend one way, and so do the folders inside its two large parts. What does not yet is listed, and cannot become more.
/// </summary>
public sealed class LibsysLayerTests
{
    private const string Abi = "libsys/abi", Core = "libsys/corelib", Linux = "libsys/linux", Rings = "libsys/rings", Messages = "libsys/messages";

    // A part may use those named after it; what it uses stands above it, so that there is no cycle.
    private static readonly (string Part, string[] Uses)[] Parts =
    [
        (Core, []),
        (Abi, [Core]),
        (Linux, []),
        (Rings, [Abi]),
        (Messages, [Abi, Rings]),
        ("libsys/hosting", [Abi, Linux, Rings, Messages]),
        ("libsys/personality", [Core, Abi, Linux, Rings, Messages]),
    ];

    // A folder may use those that stand before it; "" are the part's own files.
    private static readonly Dictionary<string, string[]> Folders = new()
    {
        ["libsys/hosting"] = ["Manifest", "Symbols", "", "Keeping", "Devices", "Programs"],
        ["libsys/personality"] =
        [
            "", "Kernel", "State", "Vfs", "System", "Signals", "Files", "Sockets", "Start", "Memory", "SystemV", "Threads", "Processes", "Time", "Entry",
        ],
    };

    // Uses against that order. State is what a task, a process and a space consist of, and points to parts that their subjects declare; the ends of threads,
    // processes and signals are one matter in three folders.
    private static readonly string[] Exceptions =
    [
        "Files/FileStart.cs uses Processes/LimitCalls.cs",
        "Files/FileStart.cs uses Start/ArgumentList.cs",
        "Files/ReadWriteCalls.cs uses Sockets/ReceiveCalls.cs",
        "Files/ReadWriteCalls.cs uses Sockets/SendCalls.cs",
        "Kernel/KernelCalls.cs uses State/TaskState.cs",
        "Processes/SharedEnd.cs uses Time/ProcessTimers.cs",
        "Signals/ProcessEnd.cs uses Processes/SharedEnd.cs",
        "Signals/ProcessEnd.cs uses Threads/ThreadExit.cs",
        "Signals/SignalDelivery.cs uses Entry/LinuxCall.cs",
        "Start/ServerStart.cs uses Entry/UnknownCalls.cs",
        "State/ProcessState.cs uses Files/DescriptorTable.Held.cs",
        "State/ProcessState.cs uses Files/DescriptorTable.cs",
        "State/ProcessState.cs uses Time/ProcessTimers.cs",
        "State/SpaceState.cs uses Files/StreamPlaces.cs",
        "State/SpaceState.cs uses System/RandomGenerator.cs",
        "State/SpaceState.cs uses System/ServerOutput.cs",
        "State/SpaceState.cs uses Vfs/VfsConnection.cs",
        "State/TaskState.cs uses Files/KnownParent.cs",
        "System/ServerCalls.cs uses Start/ProgramStack.cs",
        "System/ServerOutput.cs uses Files/IoVectors.cs",
        "System/ServerOutput.cs uses Start/ArgumentList.cs",
        "Threads/CloneCalls.cs uses Processes/ProcessCreation.cs",
        "Threads/ForkState.cs uses Time/ProcessTimers.cs",
        "Threads/SchedulingAttributes.cs uses Processes/LimitCalls.cs",
        "Threads/ThreadExit.cs uses Processes/SharedEnd.cs",
        "Threads/ThreadStart.cs uses Processes/ProcessCreation.cs",
        "Threads/ThreadStart.cs uses Time/ProcessTimers.cs",
        "Time/ClockCalls.cs uses Entry/FileCalls.cs",
        "Time/ClockCalls.cs uses Entry/LinuxCall.cs",
    ];

    // Each takes a compilation.
    private static readonly Dictionary<string, Lazy<IReadOnlyCollection<FolderUse>>> Graphs = Parts.ToDictionary(
        part => part.Part,
        part => new Lazy<IReadOnlyCollection<FolderUse>>(() =>
            FolderGraph.Of(SafetyArea.All.Single(area => area.Folder == part.Part), RepositoryLayout.Find().Root)));

    public static TheoryData<string> AllParts => [.. Parts.Select(part => part.Part)];

    public static TheoryData<string> PartsWithFolders => [.. Folders.Keys];

    [Theory]
    [MemberData(nameof(AllParts))]
    public void Parts_depend_one_way(string part)
    {
        string[] allowed = Parts.Single(one => one.Part == part).Uses;
        Assert.DoesNotContain(UsesOf(part), use => use.To.StartsWith("libsys/", StringComparison.Ordinal) && !allowed.Contains(use.To));
    }

    [Fact]
    public void The_allowed_graph_of_parts_has_no_cycle()
    {
        var above = new HashSet<string>();
        foreach ((string part, string[] uses) in Parts)
        {
            Assert.Subset(above, uses.ToHashSet());
            above.Add(part);
        }
    }

    [Theory]
    [MemberData(nameof(PartsWithFolders))]
    public void Folders_depend_one_way_but_for_what_is_listed(string part)
    {
        string[] order = Folders[part];
        IEnumerable<FolderUse> inside = UsesOf(part).Where(use => !use.To.StartsWith("libsys/", StringComparison.Ordinal));
        string[] against = [.. inside.Where(use => Place(use.From) < Place(use.To)).Select(use => use.ToString()).Order(StringComparer.Ordinal)];
        // One that is gone must go here as well, or another could take its place.
        Assert.Equal(part == "libsys/personality" ? Exceptions : [], against);

        int Place(string folder)
        {
            int place = Array.IndexOf(order, folder);
            Assert.True(place >= 0, $"{part}/{folder} has no place among the layers");
            return place;
        }
    }

    [Fact]
    public void A_use_is_found_where_no_namespace_shows_it() =>
        Assert.Contains(UsesOf("libsys/personality"), use => use is { From: "Entry", To: "Time", File: "Dispatch.cs", Declaration: "ClockCalls.cs" });

    private static IReadOnlyCollection<FolderUse> UsesOf(string part) => Graphs[part].Value;
}
