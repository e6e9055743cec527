using System.Text.RegularExpressions;

namespace Microkernel.Image.Test;

/// <summary>
/// Leaves out boot tests for parts that are not there yet: those with <c>[Trait("Stage", "N")]</c> whose number does not stand in
/// <c>stages.txt</c> beside the project.
/// </summary>
internal static partial class StageFilter
{
    /// <summary>Stages that tests of the project need and that are not listed.</summary>
    public static IReadOnlyList<string> LeftOut(string projectDirectory)
    {
        string list = Path.Combine(projectDirectory, "stages.txt");
        HashSet<string> listed = File.Exists(list) ? [.. File.ReadLines(list).Select(line => line.Trim())] : [];
        return [.. Directory.EnumerateFiles(projectDirectory, "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => StageTrait().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value)
            .Where(stage => !listed.Contains(stage))
            .Distinct()
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>The same for <c>dotnet test --filter</c>; empty when everything is included.</summary>
    public static string Expression(IEnumerable<string> leftOut) => string.Join('&', leftOut.Select(stage => $"Stage!={stage}"));

    [GeneratedRegex("""Trait\("Stage", "([^"]+)"\)""")]
    private static partial Regex StageTrait();
}
