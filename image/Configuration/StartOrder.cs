using Libsys.Abi;
using Libsys.Hosting.Manifest;

namespace Microkernel.Image.Configuration;

/// <summary>Orders servers so that each stands behind what it depends on, and finds contradictions between them.</summary>
internal static class StartOrder
{
    /// <summary>
    /// The same servers; whoever makes programs stands after all that own devices as well, since it connects programs with them. So a server with devices is
    /// named nowhere but in its own section.
    /// </summary>
    public static List<(Section Section, ServerDescription Server)> WithDevices(List<(Section Section, ServerDescription Server)> servers)
    {
        string[] owners = [.. servers.Where(pair => pair.Server.Devices is { Count: > 0 }).Select(pair => pair.Server.Name)];
        return
        [
            .. servers.Select(pair => !pair.Server.Grants.HasFlag(Grant.Programs)
                ? pair
                : (pair.Section, pair.Server with { DependsOn = [.. pair.Server.DependsOn.Union(owners)] })),
        ];
    }

    /// <summary>Leaves servers out; who starts after one of them does without it.</summary>
    public static List<(Section Section, ServerDescription Server)> Without(
        List<(Section Section, ServerDescription Server)> servers, IReadOnlyCollection<string> absent) =>
    [
        .. servers.Where(pair => !absent.Contains(pair.Server.Name))
            .Select(pair => (pair.Section, pair.Server with { DependsOn = [.. pair.Server.DependsOn.Except(absent)] })),
    ];

    /// <summary>The servers in start order; those without order between them stay as the file has them.</summary>
    /// <exception cref="ImageException">A dependency is unknown or circular.</exception>
    public static List<ServerDescription> Sort(ConfigurationFile file, List<(Section Section, ServerDescription Server)> servers)
    {
        foreach ((Section section, ServerDescription server) in servers)
        {
            string? unknown = server.DependsOn.FirstOrDefault(name => !servers.Exists(other => other.Server.Name == name));
            if (unknown is not null)
                throw file.Error(Line(section, "after"),
                $"{server.Name} starts after {unknown}, which has no section {NearestName.Suggestion(unknown, servers.Select(other => other.Server.Name))}");
        }

        var order = new List<ServerDescription>();
        var remaining = servers.ToList();
        while (remaining.Count > 0)
        {
            int next = remaining.FindIndex(candidate => candidate.Server.DependsOn.All(name => order.Exists(started => started.Name == name)));
            if (next < 0)
            {
                string circle = string.Join(", ", remaining.Select(left => left.Server.Name));
                throw file.Error(Line(remaining[0].Section, "after"), $"these servers wait for each other: {circle}");
            }

            order.Add(remaining[next].Server);
            remaining.RemoveAt(next);
        }

        return order;
    }

    /// <summary>Refuses two servers with the same ports or interrupt, and accounts that do not fit into memory.</summary>
    public static BootManifest CheckedAgainst(
        this BootManifest manifest, ConfigurationFile file, List<(Section Section, ServerDescription Server)> servers, long memory)
    {
        var taken = new List<(string Server, HardwareResource Resource)>();
        var nodes = new List<(string Server, DeviceNode Node)>();
        var functions = new Dictionary<FunctionIdentity, string>();
        foreach ((Section section, ServerDescription server) in servers)
        {
            foreach (DeviceNode node in server.Devices ?? [])
            {
                (string Server, DeviceNode Node) other = nodes.Find(
                    candidate => candidate.Node.Name == node.Name || (candidate.Node.Major, candidate.Node.Minor) == (node.Major, node.Minor));
                if (other.Node is not null)
                    throw file.Error(section.Line, $"device {node.Name} of {server.Name} and {other.Node.Name} of {other.Server} have one name or number");
                nodes.Add((server.Name, node));
            }

            foreach (FunctionIdentity function in server.Functions ?? [])
            {
                if (!functions.TryAdd(function, server.Name))
                    throw file.Error(Line(section, "pci"), $"{functions[function]} and {server.Name} both drive {function}");
            }

            foreach (HardwareResource resource in server.Resources)
            {
                (string Server, HardwareResource Resource) other = taken.Find(candidate => Overlap(candidate.Resource, resource));
                if (other.Resource is not null)
                    throw file.Error(section.Line, $"{resource.Name} of {server.Name} and {other.Resource.Name} of {other.Server} are the same hardware");
                taken.Add((server.Name, resource));
            }
        }

        List<(Section Section, ServerDescription Server)> makers = servers.FindAll(pair => pair.Server.Grants.HasFlag(Grant.Programs));
        if (makers.Count > 1)
            throw file.Error(Line(makers[1].Section, "grants"),
            $"{makers[0].Server.Name} and {makers[1].Server.Name} are both granted programs, which only one server may have");

        // Whatever it stands after is a server of programs to it, and each has a place of its own in every program's space.
        const int Most = (int)Window.ProgramServers - 1;
        foreach ((Section section, ServerDescription maker) in makers)
        {
            string[] connected = [.. maker.DependsOn.Where(name => name != "vfs")];
            if (connected.Length > Most)
                throw file.Error(section.Line, $"{maker.Name} connects programs with {string.Join(", ", connected)}: there can be {Most} servers beside vfs");
        }

        long committed = servers.Sum(pair => pair.Server.Account.Memory + pair.Server.Account.Keep);
        return committed <= memory
            ? manifest
            : throw file.Error(servers[^1].Section.Line,
                $"the servers' accounts take {ByteSize.Format(committed)}, more than the machine's {ByteSize.Format(memory)}");
    }

    private static bool Overlap(HardwareResource left, HardwareResource right) =>
        left.Kind == right.Kind && left.First < right.First + right.Count && right.First < left.First + left.Count;

    private static int Line(Section section, string key) => section.Settings.Find(setting => setting.Key == key)?.Line ?? section.Line;
}
