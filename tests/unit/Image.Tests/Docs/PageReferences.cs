using System.Text.RegularExpressions;

namespace Microkernel.Image.Tests.Docs;

/// <summary>Looks up what a page names in backquotes, in links, and in its section that says which test shows which claim.</summary>
internal sealed partial class PageReferences(SourceCatalog sources)
{
    /// <summary>The heading of that section.</summary>
    public const string Section = "## What shows it";

    /// <summary>What begins the list of claims that no test shows.</summary>
    public const string Untested = "Not tested:";

    /// <summary>All names in the page's text that nothing in the tree has.</summary>
    public IEnumerable<string> Unknown(string page)
    {
        foreach (string name in Code().Matches(WithoutBlocks(page)).Select(match => match.Groups[1].Value))
        {
            if (TestName().IsMatch(name) || name.EndsWith(".pml", StringComparison.Ordinal))
            {
                if (!sources.HasTest(name[(name.LastIndexOf('/') + 1)..]))
                    yield return $"no test `{name}`";
            }
            else if (FilePath().IsMatch(name))
            {
                foreach (string path in Expand(name).Where(path => !sources.HasPath(path)))
                    yield return $"no file or folder `{path}`";
            }
            else if (Identifier().IsMatch(name))
            {
                foreach (string word in name.Split('.').Where(word => !sources.HasWord(word)))
                    yield return $"no source has the word {word} of `{name}`";
            }
        }
    }

    /// <summary>What is wrong with the section of claims and tests.</summary>
    public IEnumerable<string> WrongInSection(string page)
    {
        int start = page.IndexOf('\n' + Section + '\n', StringComparison.Ordinal);
        if (start < 0)
        {
            yield return $"no section \"{Section}\"";
            yield break;
        }

        string section = page[(start + 1)..];
        if (section.IndexOf("\n## ", StringComparison.Ordinal) >= 0)
            yield return $"\"{Section}\" is not the last section";
        if (!section.Contains('\n' + Untested, StringComparison.Ordinal))
            yield return $"\"{Section}\" has no line \"{Untested} ...\"";
        foreach (string[] cells in section.Split('\n').Where(line => line.StartsWith('|')).Skip(2).Select(line =>
            line.Split('|', StringSplitOptions.TrimEntries)))
        {
            string tests = cells[^2];
            string[] names = [.. Code().Matches(tests).Select(match => match.Groups[1].Value)];
            string[] kernelTests = [.. Quoted().Matches(Code().Replace(tests, "")).Select(match => match.Groups[1].Value)];
            if (cells.Length != 4 || names.Length + kernelTests.Length == 0)
                yield return $"not a row of a claim and its tests: {string.Join(" | ", cells)}";
            foreach (string name in names.Where(name => !sources.HasTest(name) && !(name.Contains('/') && sources.HasPath(name))))
                yield return $"no test `{name}`";
            foreach (string name in kernelTests.Where(name => !sources.HasKernelTest(name)))
                yield return $"the kernel has no test \"{name}\"";
        }
    }

    /// <summary>Links to files and headings that are not there.</summary>
    public static IEnumerable<string> BrokenLinks(string page, string path)
    {
        foreach (string link in Link().Matches(WithoutBlocks(page)).Select(match => match.Groups[1].Value).Where(link =>
            !link.Contains("://", StringComparison.Ordinal)))
        {
            string[] parts = link.Split('#');
            string target = parts[0].Length == 0 ? path : Path.Combine(Path.GetDirectoryName(path)!, parts[0]);
            if (!Path.Exists(target))
                yield return $"no file for the link {link}";
            else if (parts.Length > 1 && !Headings(File.ReadAllText(target)).Contains(parts[1]))
                yield return $"no heading for the link {link}";
        }
    }

    // As GitHub makes anchors of headings.
    private static IEnumerable<string> Headings(string page) =>
        Heading().Matches(WithoutBlocks(page)).Select(match => NotInAnchors().Replace(match.Groups[1].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    // `libsys/personality/{Vfs,Files}` stands for two folders.
    private static IEnumerable<string> Expand(string path) =>
        Braces().Match(path) is { Success: true } braces
        ? braces.Groups[1].Value.Split(',').Select(part => path.Replace(braces.Value, part, StringComparison.Ordinal)) : [path];

    private static string WithoutBlocks(string page) => Block().Replace(page, "");

    [GeneratedRegex("```.*?```|^    [^\n]*$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^[A-Z]\w*Tests(\.\w+)?$")]
    private static partial Regex TestName();

    // A relative path: with a slash, or with an ending that only files here have. Words in capitals stand for something else.
    [GeneratedRegex(@"^(?!.*\b[A-Z]{3,}\b)(?!\.build)([\w.{][\w.,{}-]*/[\w.,{}/-]*|[\w-]+\.(cs|md|sh|awk|props|targets|conf))$")]
    private static partial Regex FilePath();

    [GeneratedRegex(@"^[A-Z]\w{2,}(\.[A-Z]\w+)*$")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();

    [GeneratedRegex(@"\{(.*)\}")]
    private static partial Regex Braces();
}
