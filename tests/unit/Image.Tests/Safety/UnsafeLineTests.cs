using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Microkernel.Image.Tests.Safety;

/// <summary>docs/memory-safety.md publishes how many lines can break memory safety: the numbers there are true, and more of them need a change there.</summary>
public sealed class UnsafeLineTests
{
    // The page rounds up, so that not every change of a line is one of the page.
    private const int Slack = 100;

    private static readonly string Root = RepositoryLayout.Find().Root;

    [Theory]
    [InlineData("int a = *p;", 1)]
    [InlineData("q->Next = q;", 1)]
    [InlineData("int a = p[3] + p[4];", 1)]
    [InlineData("int a = p[3]\n+ p[4];", 2)]
    [InlineData("q->Buffer[1] = 2;", 1)]
    [InlineData("p = (int*)number;", 1)]
    [InlineData("p = (int*)q; p = p + 1; p = null; number = (ulong)p; p = (int*)0;", 0)]
    [InlineData("var s = new Span<int>(p, 4);", 1)]
    [InlineData("Span<int> s = stackalloc int[4]; s[2] = 1;", 0)]
    [InlineData("Stub(1);", 1)]
    [InlineData("f(1);", 1)]
    [InlineData("Safe(p);", 0)]
    public void What_counts_is_found(string statements, int expected)
    {
        string text =
            "using System; unsafe struct N { public N* Next; public fixed int Buffer[4]; } static unsafe class C { static extern void Stub(int a); " +
            "static void Safe(int* p) { } "
            + "static void M(int* p, N* q, ulong number, delegate*<int, void> f) {\n" + statements + "\n} }";
        SyntaxTree tree = CSharpSyntaxTree.ParseText(text);
        var compilation = CSharpCompilation.Create(
            "planted", [tree], [MetadataReference.CreateFromFile(typeof(object).Assembly.Location)],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        Assert.Empty(compilation.GetDiagnostics().Where(message => message.Severity == DiagnosticSeverity.Error));
        Assert.Equal(expected, UnsafeLines.Count(compilation.GetSemanticModel(tree)));
    }

    [Fact]
    public void The_published_numbers_are_true()
    {
        Dictionary<string, int> published = File.ReadLines(Path.Combine(Root, "docs/memory-safety.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length > 3 && cells[1].StartsWith('`'))
            .ToDictionary(cells => cells[1].Trim('`', '/'), cells => int.Parse(cells[2], NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
        var wrong = new List<string>();
        foreach (SafetyArea area in SafetyArea.All)
        {
            (int all, int found) = area.Count(Root);
            int most = published.GetValueOrDefault(area.Folder, -1);
            if (found > most || found <= most - Slack)
                wrong.Add($"{area.Folder}: {found} of {all} lines can break memory safety, docs/memory-safety.md says at most {most}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }
}
