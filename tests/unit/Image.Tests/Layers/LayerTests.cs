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
        ["servers/vfs"] =
        [
            // The model: what a file system is made of, and the rules for it.
            ("Waiting", []),
            ("Objects", ["Waiting"]),
            ("Attributes", ["Objects"]),
            ("Names", ["Objects", "Attributes"]),

            // What file systems and handlers share.
            ("Caches", ["Waiting", "Objects", "Names"]),
            ("Pages", ["Waiting", "Objects"]),
            ("Processes", ["Waiting", "Objects", "Names", "Pages"]),
            ("Files", ["Waiting", "Objects", "Names"]),
            ("Machine", ["Waiting", "Objects"]),
            ("Generated", ["Objects", "Names", "Processes", "Files"]),

            // File systems and what their nodes stand for.
            ("Pipes", ["Waiting", "Objects", "Processes"]),
            ("Devices", ["Waiting", "Objects"]),
            ("Blocks", ["Waiting", "Objects", "Attributes", "Pages", "Devices"]),
            ("Tmpfs", ["Waiting", "Objects", "Attributes", "Names", "Pages", "Files", "Pipes", "Devices"]),
            ("Ramfs", ["Objects", "Tmpfs"]),
            ("Ext4", ["Waiting", "Objects", "Attributes", "Names", "Caches", "Pages", "Blocks", "Files", "Pipes", "Devices"]),
            ("Volumes", ["Waiting", "Objects", "Attributes", "Names", "Caches", "Pages", "Blocks", "Files", "Pipes", "Devices"]),
            ("Iso9660", ["Objects", "Attributes", "Pages", "Blocks", "Files", "Volumes"]),
            ("Fat", ["Waiting", "Objects", "Attributes", "Pages", "Blocks", "Files", "Volumes"]),
            ("Overlay", ["Waiting", "Objects", "Attributes", "Names", "Caches", "Pages", "Files"]),
            ("Served", ["Waiting", "Objects", "Processes", "Devices"]),
            ("Terminals", ["Waiting", "Objects", "Names", "Processes", "Files", "Devices"]),
            ("SystemV", ["Waiting", "Objects", "Pages", "Processes"]),
            ("Proc", ["Blocks", "Waiting", "Objects", "Attributes", "Names", "Pages", "Processes", "Files", "Machine", "Generated", "Terminals", "SystemV"]),
            ("Sys", ["Blocks", "Waiting", "Objects", "Names", "Processes", "Files", "Machine", "Generated"]),
            ("Sources", ["Waiting", "Objects", "Processes"]),
            ("Sockets", ["Waiting", "Objects", "Processes", "Pipes"]),
            ("Sets", ["Waiting", "Objects"]),
            ("Anonymous", ["Waiting", "Objects", "Names", "Pipes", "Tmpfs", "Sources"]),

            // What clients ask for, what they need not ask for, and the kernel.
            ("Publishing", ["Objects", "Attributes", "Names"]),
            ("Requests", ["Waiting", "Objects", "Attributes", "Names", "Pages", "Processes", "Files", "Machine", "Pipes", "Served", "Sources", "Sockets",
                "Blocks", "Sets", "Anonymous", "Publishing", "SystemV"]),
            ("Hosting", ["Waiting", "Objects", "Names", "Pages", "Processes", "Machine", "Served", "Devices", "Blocks", "Terminals", "Sys", "Requests"]),
        ],
    };

    public static TheoryData<string> Servers => [.. Layers.Keys];

    [Theory]
    [MemberData(nameof(Servers))]
    public void Folders_depend_one_way(string server)
    {
        string root = Path.Combine(RepositoryLayout.Find().Root, server);
        (string Folder, string[] Uses)[] layers = Layers[server];
        List<string> wrong = [.. Directory.EnumerateFiles(root, "*.cs").Select(path => Path.GetFileName(path)!).Where(name => name != "Program.cs")
            .Select(name => $"{server}/{name} lies beside the folders: its types can be used everywhere without a trace")];
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
    [InlineData("using Libsys.Spaces; namespace Servers.Processes.Tree; class A { Libsys.Spaces.B? c; }", "")]
    [InlineData("namespace Servers.Processes.Tree; class A { int b = c.Spaces.Count; }", "")]
    public void What_a_file_uses_is_found(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Uses(text, ["Tree", "Spaces"]).Where(name => name != "Tree").Distinct()));

    // A type of another namespace can only be named by a using directive or by a name that has the namespace before a dot, whole or as seen from here.
    private static IEnumerable<string> Uses(string text, IEnumerable<string> folders)
    {
        var names = folders.ToHashSet();
        SyntaxNode tree = CSharpSyntaxTree.ParseText(text).GetRoot();
        string own = tree.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString() ?? "";
        string root = string.Join('.', own.Split('.').TakeWhile(part => !names.Contains(part)));
        return tree.DescendantNodes()
            .OfType<IdentifierNameSyntax>()
            .Where(name => names.Contains(name.Identifier.ValueText) && IsNamespace(name, root))
            .Select(name => name.Identifier.ValueText)
            .Distinct();
    }

    private static bool IsNamespace(IdentifierNameSyntax name, string root) => name.Parent switch
    {
        BaseNamespaceDeclarationSyntax => false,
        QualifiedNameSyntax qualified when qualified.Ancestors().Any(node => node is BaseNamespaceDeclarationSyntax declaration
            && declaration.Name.Contains(name)) => false,
        QualifiedNameSyntax qualified => qualified.Left == name || qualified.Left.ToString() == root,
        MemberAccessExpressionSyntax access => access.Expression == name || access.Expression.ToString() == root,
        _ => false,
    };
}
