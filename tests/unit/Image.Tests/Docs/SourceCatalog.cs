using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Microkernel.Image.Tests.Docs;

/// <summary>What the pages can name: files, identifiers, and tests of all kinds, as the sources have them.</summary>
internal sealed partial class SourceCatalog
{
    // Tests that xunit runs, and images and programs that are tests themselves: their classes have no attributes.
    private static readonly string[] TestFolders = ["tests/unit", "tests/boot", "tests/models"],
        CheckFolders = ["libsys/personality-tests", "microkernel/tests", "tests/programs"];
    private static readonly string[] TextEndings = [".cs", ".pml", ".props", ".targets", ".csproj", ".awk", ".sh", ".txt", ".conf", "Makefile",
        "/init", "run"];

    private readonly Dictionary<string, HashSet<string>> methodsOfTestClasses = [];
    private readonly HashSet<string> kernelTests = [], words = [], paths = [];
    private readonly string root;

    private SourceCatalog(string root) => this.root = root;

    /// <summary>Reads the tree.</summary>
    public static SourceCatalog Read(string root)
    {
        var catalog = new SourceCatalog(root);
        foreach (string file in Files(root, ""))
        {
            for (string? path = file; !string.IsNullOrEmpty(path) && catalog.paths.Add(path); path = Path.GetDirectoryName(path))
            {
            }

            if (!TextEndings.Any(file.EndsWith))
                continue;
            string text = File.ReadAllText(Path.Combine(root, file));
            foreach (ValueMatch word in Word().EnumerateMatches(text))
                catalog.words.GetAlternateLookup<ReadOnlySpan<char>>().Add(text.AsSpan(word.Index, word.Length));
            if (file.EndsWith(".cs", StringComparison.Ordinal))
                catalog.AddTests(file, text);
        }

        return catalog;
    }

    /// <summary>True for <c>Class</c>, <c>Class.Method</c> and a model's file.</summary>
    public bool HasTest(string name)
    {
        if (name.EndsWith(".pml", StringComparison.Ordinal))
            return paths.Contains("tests/models/" + name);
        string[] parts = name.Split('.');
        return methodsOfTestClasses.TryGetValue(parts[0], out HashSet<string>? methods)
            && (parts.Length == 1 || (parts.Length == 2 && methods.Contains(parts[1])));
    }

    /// <summary>True for the name that the kernel's test image prints.</summary>
    public bool HasKernelTest(string name) => kernelTests.Contains(name);

    /// <summary>True if the sources contain this word as a whole.</summary>
    public bool HasWord(string word) => words.Contains(word);

    /// <summary>
    /// True for the path of a file (a C# file also without its ending) or folder from the root, or its last part; also for what lies below <c>.build</c> once
    /// it is built.
    /// </summary>
    public bool HasPath(string path)
    {
        path = path.TrimEnd('/');
        if (path.StartsWith("./", StringComparison.Ordinal))
            path = path[2..];
        return paths.Contains(path) || paths.Any(candidate => Ends(candidate, path) || Ends(candidate, path + ".cs"))
            || Path.Exists(Path.Combine(root, ".build", path));
    }

    private static bool Ends(string path, string end) => path.EndsWith('/' + end, StringComparison.Ordinal);

    private void AddTests(string file, string text)
    {
        if (file.StartsWith("microkernel/tests/", StringComparison.Ordinal))
            kernelTests.UnionWith(KernelTest().Matches(text).Select(match => match.Groups[1].Value));
        bool xunit = TestFolders.Any(folder => file.StartsWith(folder + '/', StringComparison.Ordinal));
        if (!xunit && !CheckFolders.Any(folder => file.StartsWith(folder + '/', StringComparison.Ordinal)))
            return;
        foreach (ClassDeclarationSyntax type in CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>())
        {
            string[] methods =
                [.. type.Members.OfType<MethodDeclarationSyntax>().Where(method => !xunit || IsTest(method)).Select(method => method.Identifier.Text)];
            if (methods.Length > 0)
                (methodsOfTestClasses.TryGetValue(type.Identifier.Text, out HashSet<string>? known) ? known
                : methodsOfTestClasses[type.Identifier.Text] = []).UnionWith(methods);
        }
    }

    private static bool IsTest(MethodDeclarationSyntax method) =>
        method.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => attribute.Name.ToString() is "Fact" or "Theory");

    private static IEnumerable<string> Files(string root, string folder)
    {
        foreach (string file in Directory.EnumerateFiles(Path.Combine(root, folder)))
            yield return Path.GetRelativePath(root, file);
        foreach (string below in Directory.EnumerateDirectories(Path.Combine(root, folder)).Where(below =>
            Path.GetFileName(below) is not (".git" or ".build" or "obj" or "bin")))
            foreach (string file in Files(root, Path.GetRelativePath(root, below)))
                yield return file;
    }

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    [GeneratedRegex("\\bTest\\(\"([^\"]+)\"u8")]
    private static partial Regex KernelTest();
}
