using System.Diagnostics;
using System.Globalization;

namespace Microkernel.Image.Run;

/// <summary>The terminal that the tool runs in. A serial line cannot tell the machine these things.</summary>
/// <param name="Rows">Lines of text; 0 when unknown.</param>
/// <param name="Columns">Characters a line; 0 when unknown.</param>
/// <param name="Type">The value of TERM, or null.</param>
public sealed record HostTerminal(int Rows, int Columns, string? Type)
{
    /// <summary>Asks the terminal at standard input.</summary>
    public static HostTerminal Ask()
    {
        (int rows, int columns) = Console.IsInputRedirected ? (0, 0) : Size();
        return new HostTerminal(rows, columns, Environment.GetEnvironmentVariable("TERM"));
    }

    // By stty (coreutils) and not by Console.WindowWidth, which would switch the terminal's keypad to another mode.
    private static (int Rows, int Columns) Size()
    {
        var start = new ProcessStartInfo("stty", ["size"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string[] parts = process.StandardOutput.ReadToEnd().Split(' ');
        process.WaitForExit();
        return process.ExitCode == 0 && parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int rows)
            && int.TryParse(parts[1], NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int columns)
            ? (rows, columns)
            : (0, 0);
    }
}
