using System.Xml.Linq;

namespace Microkernel.Image.Tests;

/// <summary>A server, as its project file describes it.</summary>
/// <param name="Name">File name in .build/servers.</param>
/// <param name="Namespace">Namespace of all its code.</param>
/// <param name="References">Projects that it refers to itself.</param>
/// <param name="VariantOf">Server of whose code it is made too, with more beside it; null: none.</param>
internal sealed record ServerProject(string Name, string Namespace, IReadOnlyList<string> References, string? VariantOf)
{
    /// <summary>All that there are: every project below these folders is a server, for Directory.Build.targets and build/publish-servers.sh as well.</summary>
    public static IReadOnlyList<ServerProject> All { get; } =
    [
        .. ((string[])["servers", "tests/servers"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(RepositoryLayout.Find().Root, folder), "*.csproj", SearchOption.AllDirectories))
            .Select(Read),
    ];

    private static ServerProject Read(string file)
    {
        XElement project = XElement.Load(file);
        string? Property(string name) => project.Descendants(name).SingleOrDefault()?.Value;
        return new ServerProject(
            Property("ServerName") ?? Path.GetFileNameWithoutExtension(file).ToLowerInvariant(),
            Property("RootNamespace") ?? throw new InvalidOperationException($"{file} has no RootNamespace"),
            [.. project.Descendants("ProjectReference").Select(reference => reference.Attribute("Include")!.Value)],
            Property("VariantOf"));
    }
}
