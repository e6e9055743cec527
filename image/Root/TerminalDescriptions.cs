using System.Text;
using Microkernel.Image.Run;

namespace Microkernel.Image.Root;

/// <summary>What programs know of types of terminals, terminfo(5), and which one a session has.</summary>
internal static class TerminalDescriptions
{
    // Of ncurses-base, which every Debian has: the types that terminals of people and serial lines usually name. The other half are relics.
    private static readonly string[] Types =
    [
        "ansi", "dumb", "linux", "rxvt-unicode-256color", "screen", "screen-256color", "tmux", "tmux-256color", "vt100", "vt102", "vt220", "xterm",
        "xterm-256color",
    ];

    /// <summary>Adds the descriptions. Where the build machine has none, programs that look for them take the terminal for a simple one.</summary>
    public static void AddTo(RootTree tree)
    {
        IReadOnlyList<string> installed = DebianPackage.Files("ncurses-base");
        foreach (string type in Types)
        {
            string file = "/" + PathOf(type);
            if (installed.Contains(file))
                tree.AddFile(PathOf(type), 0x1a4, File.ReadAllBytes(file)); // 0644
        }
    }

    /// <summary>
    /// Adds what /init gives to an interactive session: rows, columns (0 for unknown) and type. A type without description becomes that of Linux' console.
    /// </summary>
    public static void AddSession(RootTree tree, HostTerminal terminal)
    {
        string type = terminal.Type is { Length: > 0 } given && tree.Find(PathOf(given)) is not null ? given : "linux";
        tree.AddFile(RootFileSystem.TerminalPath, 0x1a4, Encoding.ASCII.GetBytes($"{terminal.Rows} {terminal.Columns} {type}\n"));
    }

    private static string PathOf(string type) => $"lib/terminfo/{type[..1]}/{type}";
}
