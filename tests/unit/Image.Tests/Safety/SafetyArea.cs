using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Microkernel.Image.Tests.Safety;

/// <summary>A folder whose lines are counted, and what must be compiled with it so that all of its types are known.</summary>
/// <param name="Folder">Below the project's root.</param>
/// <param name="Companions">Other folders.</param>
/// <param name="HasRuntime">Compiled against .NET, not against the core library of this project.</param>
internal sealed record SafetyArea(string Folder, string[] Companions, bool HasRuntime = false)
{
    private const string Abi = "libsys/abi", Core = "libsys/corelib", Rings = "libsys/rings", Messages = "libsys/messages",
        Linux = "libsys/linux";

    /// <summary>All folders in which `unsafe` is allowed, but for tests.</summary>
    public static readonly IReadOnlyList<SafetyArea> All =
    [
        new("microkernel", [Core, Abi]),
        new("libsys/personality", [Core, Abi, Linux, Rings, Messages]),
        new("libsys/hosting", [Abi, Linux, Rings, Messages], HasRuntime: true),
        new(Rings, [Abi, Messages], HasRuntime: true),
        new(Messages, [Abi, Rings], HasRuntime: true),
        new(Abi, [], HasRuntime: true),
        new(Linux, [], HasRuntime: true),
        new(Core, []),
    ];

    /// <summary>Lines of the folder, and how many of them can break memory safety.</summary>
    public (int All, int Unsafe) Count(string root)
    {
        (CSharpCompilation compilation, SyntaxTree[] counted) = Compile(root);
        return (counted.Sum(tree => tree.GetText().Lines.Count - 1), counted.Sum(tree => UnsafeLines.Count(compilation.GetSemanticModel(tree))));
    }

    /// <summary>The folder with its companions, and its own files.</summary>
    public (CSharpCompilation Compilation, SyntaxTree[] Own) Compile(string root)
    {
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        SyntaxTree[] counted = [.. Files(root, Folder).Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file))];
        IEnumerable<SyntaxTree> others =
            Companions.SelectMany(folder => Files(root, folder)).Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, file));
        var compilation = CSharpCompilation.Create(
            Folder.Replace('/', '.'),
            HasRuntime ? [.. counted, .. others, ImplicitUsings(options)] : [.. counted, .. others],
            HasRuntime ? RuntimeReferences() : [],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        // A type that is not known would hide pointers.
        Assert.Empty(compilation.GetDiagnostics().Where(message => message.Severity == DiagnosticSeverity.Error).Take(5));
        return (compilation, counted);
    }

    private static IEnumerable<string> Files(string root, string folder) =>
        Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(Path.Combine(root, folder), file).Split(Path.DirectorySeparatorChar)[0] is not "tests");

    // What ImplicitUsings in a project file stands for.
    private static SyntaxTree ImplicitUsings(CSharpParseOptions options) =>
        CSharpSyntaxTree.ParseText(
            "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; " +
            "global using System.Threading.Tasks;", options);

    // This test runs on the runtime that the servers are compiled for, with the packages that they use.
    private static IEnumerable<MetadataReference> RuntimeReferences() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is not "Libsys.Hosting.dll")
            .Select(path => MetadataReference.CreateFromFile(path));
}
