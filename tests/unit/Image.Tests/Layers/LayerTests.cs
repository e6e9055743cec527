using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microkernel.Image.Tests.Layers;

/// <summary>A server's folders depend one way. The allowed graph is written here, and nowhere else.</summary>
public sealed class LayerTests
{
    // The composition root (Program.cs) may know all. A folder may use those named after it; what a folder uses stands above it, so that there is no cycle.
    private static readonly Dictionary<string, (string Folder, string[] Uses)[]> Layers = new()
    {
        ["servers/process"] =
        [
            ("Tree", []),
            ("Publishing", ["Tree"]),
            ("Spaces", ["Tree", "Publishing"]),
            ("Requests", ["Tree", "Publishing", "Spaces"]),
        ],
    };

    public static TheoryData<string> Servers => [.. Layers.Keys];

    [Theory]
    [MemberData(nameof(Servers))]
    public void Folders_depend_one_way(string server)
    {
        string root = Path.Combine(RepositoryLayout.Find().Root, server);
        (string Folder, string[] Uses)[] layers = Layers[server];
        var wrong = new List<string>();
        foreach (string folder in Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path)!).Where(name => name is not ("bin" or "obj")))
        {
            int at = Array.FindIndex(layers, layer => layer.Folder == folder);
            if (at < 0)
            {
                wrong.Add($"{server}/{folder} has no place among the layers");
                continue;
            }

            foreach (string file in Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
            {
                IEnumerable<string> used = Uses(File.ReadAllText(file), layers.Select(layer => layer.Folder)).Where(name => name != folder
                    && !layers[at].Uses.Contains(name));
                wrong.AddRange(used.Select(name => $"{Path.GetRelativePath(root, file)} uses {name}"));
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void The_allowed_graph_has_no_cycle(string server)
    {
        var above = new HashSet<string>();
        foreach ((string folder, string[] uses) in Layers[server])
        {
            Assert.Subset(above, uses.ToHashSet());
            above.Add(folder);
        }
    }

    [Theory]
    [InlineData("using Servers.Processes.Spaces; namespace Servers.Processes.Tree; class A { }", "Spaces")]
    [InlineData("namespace Servers.Processes.Tree; class A { Spaces.ProgramSpace? b; }", "Spaces")]
    [InlineData("namespace Servers.Processes.Tree; class A { object b = new Servers.Processes.Spaces.C(); }", "Spaces")]
    [InlineData("namespace Servers.Processes.Tree; class A { int b = Spaces.C.D; }", "Spaces")]
    [InlineData("using B = Servers.Processes.Spaces.C; namespace Servers.Processes.Tree; class A { }", "Spaces")]
    [InlineData("namespace Servers.Processes.Tree; /* Spaces.C */ class A { }", "")]
    public void What_a_file_uses_is_found(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Uses(text, ["Tree", "Spaces"]).Where(name => name != "Tree").Distinct()));

    // A type of another namespace can only be named by a using directive or by a name that has the namespace before a dot.
    private static IEnumerable<string> Uses(string text, IEnumerable<string> folders)
    {
        var names = folders.ToHashSet();
        return CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes()
            .OfType<IdentifierNameSyntax>()
            .Where(name => names.Contains(name.Identifier.ValueText) && IsNamespace(name))
            .Select(name => name.Identifier.ValueText)
            .Distinct();
    }

    private static bool IsNamespace(IdentifierNameSyntax name) => name.Parent switch
    {
        QualifiedNameSyntax or UsingDirectiveSyntax =>
            !name.Ancestors().Any(node => node is BaseNamespaceDeclarationSyntax declaration && declaration.Name.Contains(name)),
        MemberAccessExpressionSyntax access => access.Expression == name
            || access.Expression is MemberAccessExpressionSyntax or IdentifierNameSyntax { Identifier.ValueText: "Servers" },
        _ => false,
    };
}
