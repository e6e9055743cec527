using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Microkernel.Image.Docs;

/// <summary>
/// The table of kernel calls in <c>docs/kernel-calls.md</c>, made from the doc comments of <c>libsys/abi/KernelCall.cs</c>: the calls are declared in one
/// place.
/// </summary>
internal static partial class KernelCallTable
{
    private const string Begin = "<!-- calls: written by `image docs` from libsys/abi/KernelCall.cs -->";
    private const string End = "<!-- end of calls -->";

    /// <summary>The page with its table made anew.</summary>
    /// <param name="page">Text of the page.</param>
    /// <param name="source">Text of <c>KernelCall.cs</c>.</param>
    /// <exception cref="ImageException">The page lacks its markers, or the source has no calls.</exception>
    public static string Update(string page, string source)
    {
        int begin = page.IndexOf(Begin, StringComparison.Ordinal);
        int end = page.IndexOf(End, StringComparison.Ordinal);
        if (begin < 0 || end < begin)
            throw new ImageException($"docs/kernel-calls.md: the lines '{Begin}' and '{End}' are missing");
        return string.Concat(page.AsSpan(0, begin + Begin.Length), "\n", Table(source), page.AsSpan(end));
    }

    private static string Table(string source)
    {
        var table = new StringBuilder();
        string text = source[..source.IndexOf("\n}", StringComparison.Ordinal)];
        int calls = 0;
        var documentation = new StringBuilder();
        foreach (string line in text[(text.IndexOf('{') + 1)..].Split('\n').Select(line => line.Trim()))
        {
            if (line.StartsWith("///", StringComparison.Ordinal))
            {
                documentation.Append(line.AsSpan(3)).Append(' ');
            }
            else if (line.StartsWith("//", StringComparison.Ordinal))
            {
                table.Append(CultureInfo.InvariantCulture, $"\n### {Family(line)}\n\n| number | call | arguments → result |\n|---|---|---|\n");
            }
            else if (Member().Match(line) is { Success: true } member)
            {
                if (calls++ == 0)
                    table.Append("\n### Kernel\n\n| number | call | arguments → result |\n|---|---|---|\n");
                table.Append(CultureInfo.InvariantCulture, $"| {member.Groups[2].Value} | `{member.Groups[1].Value}` | {Plain(documentation.ToString())} |\n");
                documentation.Clear();
            }
        }

        return calls > 0 ? table.Append('\n').ToString() : throw new ImageException("libsys/abi/KernelCall.cs: no calls found");
    }

    // The comment's first clause names the family; what follows is said in the page.
    private static string Family(string comment) => comment[2..].Split(':')[0].Trim();

    private static string Plain(string documentation)
    {
        string text = Reference().Replace(documentation, "`$1`");
        text = WebUtility.HtmlDecode(Tag().Replace(text, ""));
        return Space().Replace(text, " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);
    }

    [GeneratedRegex("""^(\w+) = (\d+),""")]
    private static partial Regex Member();

    [GeneratedRegex("""<see cref="([^"]+)"/>""")]
    private static partial Regex Reference();

    [GeneratedRegex("</?[a-z]+>")]
    private static partial Regex Tag();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
