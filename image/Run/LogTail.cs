using System.Text;

namespace Microkernel.Image.Run;

/// <summary>The end of a log, fit for a terminal.</summary>
public static class LogTail
{
    // Long lines in a log are binary noise; a line of a terminal is shorter.
    private const int LongestLine = 500;

    /// <summary>The last lines. Control characters, which could change the reader's terminal, are shown as dots.</summary>
    public static IReadOnlyList<string> Read(string path, int lines)
    {
        if (!File.Exists(path))
            return [];
        string text = Encoding.UTF8.GetString(File.ReadAllBytes(path));
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines).Select(Printable)];
    }

    private static string Printable(string line) =>
        new([.. line.TrimEnd('\r').Take(LongestLine).Select(character => char.IsControl(character) && character != '\t' ? '.' : character)]);
}
