using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>A folder of the host that images are made of: files of many lengths, holes, links, names of all kinds, a directory with many names.</summary>
internal sealed class SourceTree : IDisposable
{
    public const int ManyNames = 1500;

    public SourceTree(int seed)
    {
        Root = Directory.CreateTempSubdirectory("ext4-").FullName;
        var random = new Random(seed);
        Directory.CreateDirectory(Root + "/a/b/c");
        Directory.CreateDirectory(Root + "/many");
        foreach (int length in (int[])[0, 1, 59, 60, 100, 1023, 1024, 4095, 4096, 4097, 12 * 1024, 12 * 1024 + 1, 100_000, 1_500_000])
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            File.WriteAllBytes($"{Root}/a/f{length}", bytes);
        }

        using (FileStream sparse = File.Create(Root + "/a/b/sparse"))
        {
            sparse.Seek(3_000_000, SeekOrigin.Begin);
            sparse.Write("in the middle"u8);
            sparse.Seek(8_000_000, SeekOrigin.Begin);
            sparse.Write("at the end"u8);
        }

        for (int number = 0; number < ManyNames; number++)
            File.WriteAllText($"{Root}/many/{Name(number)}", number.ToString(CultureInfo.InvariantCulture));
        File.CreateSymbolicLink(Root + "/short", "a/f100");
        File.CreateSymbolicLink(Root + "/edge", new string('e', 60));
        File.CreateSymbolicLink(Root + "/long", string.Concat(Enumerable.Repeat("../", 60)) + "nowhere");
        File.SetLastWriteTimeUtc(Root + "/a/f1", new DateTime(2040, 2, 3, 4, 5, 6, DateTimeKind.Utc).AddTicks(1234567));
        File.SetLastWriteTimeUtc(Root + "/a/f60", new DateTime(1950, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        Run("chmod", $"4400 {Root}/a/f59");
        Run("ln", $"{Root}/a/f100 {Root}/a/b/second");
        Run("mkfifo", $"{Root}/fifo");
    }

    public string Root { get; }

    /// <summary>Names with letters that are negative as signed ones, and long ones.</summary>
    public static string Name(int number) => (number % 3) switch
    {
        0 => $"name-{number}",
        1 => $"naïve-ünïcode-{number}-ß",
        _ => new string('x', number % 200) + number,
    };

    /// <summary>Everything in it: path from the root with a slash.</summary>
    public IEnumerable<string> Paths() => Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Select(path => path[Root.Length..]);

    /// <summary>What stat(1) says.</summary>
    public string Stat(string path, string format) => Run("stat", $"-c {format} {Root}{path}").Trim();

    /// <summary>stat(1) of all, in one go.</summary>
    public Dictionary<string, string> StatAll(string format)
    {
        var all = new Dictionary<string, string>();
        foreach (string line in Run("find", $"{Root} -mindepth 1 -printf {format}%P\\n").Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            int at = line.LastIndexOf('|');
            all["/" + line[(at + 1)..]] = line[..at];
        }

        return all;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static string Run(string tool, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, StandardOutputEncoding = Encoding.UTF8 })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
