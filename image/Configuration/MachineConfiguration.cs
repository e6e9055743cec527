using Libsys.Hosting.Manifest;

namespace Microkernel.Image.Configuration;

/// <summary>What a configuration says: the machine's defaults and the servers.</summary>
/// <param name="Cpus">Number of CPUs.</param>
/// <param name="Memory">Main memory in bytes.</param>
/// <param name="Manifest">The servers, in start order.</param>
public sealed record MachineConfiguration(int Cpus, long Memory, BootManifest Manifest)
{
    /// <summary>CPUs of a machine without configuration: the smallest number that shows what runs at the same time.</summary>
    public const int DefaultCpus = 2;

    /// <summary>Memory of a machine without configuration, in bytes.</summary>
    public const long DefaultMemory = 512L << 20;

    /// <summary>Loads <c>image/configs/NAME.conf</c>.</summary>
    /// <exception cref="ImageException">There is no such file, or a line is wrong; the message names file and line.</exception>
    public static MachineConfiguration Load(RepositoryLayout repository, string name, IReadOnlyCollection<string>? parts = null)
    {
        string path = Path.Combine(repository.Configurations, name + ".conf");
        if (name.Contains('/') || !File.Exists(path))
        {
            IEnumerable<string> known =
                Directory.EnumerateFiles(repository.Configurations, "*.conf").Select(file => Path.GetFileNameWithoutExtension(file)).Order();
            throw new ImageException($"there is no configuration {name} {NearestName.Suggestion(name, known)}");
        }

        return Parse(Path.GetRelativePath(repository.Root, path), File.ReadAllText(path), parts);
    }

    /// <summary>Reads a configuration from its text.</summary>
    /// <param name="fileName">For messages.</param>
    /// <param name="text">What stands in it.</param>
    /// <param name="parts">
    /// What the machine has, of <see cref="MachinePart.All"/>: a server that is there for a part only (<c>with = disk</c>) is there if the machine has that.
    /// </param>
    /// <exception cref="ImageException">A line is wrong; the message names <paramref name="fileName"/> and line.</exception>
    public static MachineConfiguration Parse(string fileName, string text, IReadOnlyCollection<string>? parts = null)
    {
        ConfigurationFile file = ConfigurationFile.Parse(fileName, text);
        int cpus = DefaultCpus;
        long memory = DefaultMemory;
        CacheLimit cache = CacheLimit.Default;
        var servers = new List<(Section Section, ServerDescription Server)>();
        var absent = new List<string>();
        foreach (Section section in file.Sections)
        {
            var settings = new SectionSettings(file, section);
            switch (section.Kind)
            {
                case "machine" when section.Name.Length == 0:
                    cpus = settings.Number("cpus", DefaultCpus, 1, MachineLimits.MostCpus);
                    memory = settings.Size("memory", DefaultMemory, MachineLimits.LeastMemory);
                    cache = settings.Cache(memory);
                    break;
                case "server" when section.Name.Length > 0:
                    servers.Add((section, ServerSection.Read(settings)));
                    if (settings.Choice("with", true, MachinePart.All.ToDictionary(part => part, part => parts?.Contains(part) is true)) is false)
                        absent.Add(section.Name);
                    break;
                default:
                    throw file.Error(section.Line, $"unknown section {$"{section.Kind} {section.Name}".Trim()} (known: machine, server NAME)");
            }

            settings.RefuseUnread();
        }

        // All sections have to be right, whether the machine has what they are for or not.
        _ = StartOrder.Sort(file, servers);
        servers = StartOrder.WithDevices(StartOrder.Without(servers, absent));
        BootManifest manifest = new BootManifest(StartOrder.Sort(file, servers)) { Cache = cache };
        return new MachineConfiguration(cpus, memory, manifest.CheckedAgainst(file, servers, memory));
    }
}

/// <summary>Bounds for the machine, wherever they are given.</summary>
internal static class MachineLimits
{
    /// <summary>More CPUs than any test here uses; emulation on a small host gets slower with each.</summary>
    public const int MostCpus = 32;

    /// <summary>Below this neither system boots.</summary>
    public const long LeastMemory = 64L << 20;
}
