using System.Text;
using System.Text.RegularExpressions;
using Libsys.Abi;
using Microkernel.Image.Root;

namespace Microkernel.Image.Roots;

/// <summary>
/// What the scripts of Debian's packages would do that a system needs, done by the build: users and groups, copies of default files, alternatives, shells, and
/// the cache of libraries. docs/decisions/roots-from-packages.md lists what is not done.
/// </summary>
internal static partial class DebianSetup
{
    private const uint Public = 0x1a4; // 0644
    private const uint ShadowGroup = 42; // base-passwd

    // Defaults that scripts copy unless the file is there: base-passwd, base-files, libc-bin.
    private static readonly (string From, string To)[] Copies =
    [
        ("usr/share/base-passwd/passwd.master", "etc/passwd"), ("usr/share/base-passwd/group.master", "etc/group"),
        ("usr/share/base-files/profile", "etc/profile"), ("usr/share/base-files/motd", "etc/motd"), ("usr/share/base-files/nsswitch.conf", "etc/nsswitch.conf"),
        ("usr/share/libc-bin/nsswitch.conf", "etc/nsswitch.conf"), ("usr/share/base-files/dot.profile", "root/.profile"),
            ("usr/share/base-files/dot.bashrc", "root/.bashrc"),
    ];

    private static readonly (string Path, uint Mode)[] Directories =
        [("root", 0x1c0), ("tmp", 0x3ff), ("var/tmp", 0x3ff), ("mnt", 0x1ed), ("opt", 0x1ed), ("srv", 0x1ed), ("usr/local/bin", 0x1ed),
        ("usr/local/sbin", 0x1ed), ("usr/local/lib", 0x1ed)];

    // Where ld.so looks beside what /etc/ld.so.conf names.
    private static readonly string[] LibraryDirectories = ["lib", "usr/lib"];

    /// <summary>Does it.</summary>
    /// <param name="tree">The unpacked packages.</param>
    /// <param name="scratch">An empty directory.</param>
    public static void Finish(RootTree tree, string scratch)
    {
        foreach ((string path, uint mode) in Directories.Where(directory => tree.Resolve(directory.Path) is null))
            tree.AddDirectory(path, mode);
        foreach ((string from, string to) in Copies)
        {
            if (tree.Find(from) is RootEntry source && tree.Find(to) is null)
                tree.AddFile(to, Public, source.Content);
        }

        AddShadow(tree);
        AddIfMissing(tree, "etc/hostname", "microkernel\n");
        AddIfMissing(tree, "etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tmicrokernel\n");
        AddIfMissing(tree, "etc/shells", Shells(tree));
        foreach ((string path, string target) in new[] { ("var/run", "/run"), ("var/lock", "/run/lock"), ("etc/mtab", "/proc/mounts") }.Where(link =>
            tree.Find(link.Item1) is null))
            tree.AddSymbolicLink(path, target);
        if (tree.Resolve("bin/sh") is null)
            tree.AddSymbolicLink("bin/sh", "dash");
        AddAlternatives(tree);
        AddLibraryCache(tree, scratch);
    }

    // `shadowconfig on` of passwd: nobody has a password.
    private static void AddShadow(RootTree tree)
    {
        if (tree.Find("etc/passwd") is not RootEntry users || tree.Find("etc/shadow") is not null)
            return;
        string lines = string.Concat(Lines(users).Select(line => $"{line.Split(':')[0]}:*:{RootEntry.BuildTime / 86400}:0:99999:7:::\n"));
        tree.Add(new RootEntry("etc/shadow", BootArchive.RegularFile | 0x1a0, Encoding.UTF8.GetBytes(lines)) { GroupId = ShadowGroup }); // 0640
    }

    // update-shells of debianutils.
    private static string Shells(RootTree tree) => "# /etc/shells: valid login shells\n" + string.Concat(
        tree.Below("usr/share/debianutils/shells.d").Select(path => tree.Find(path)!).Where(entry => entry.Type == BootArchive.RegularFile)
            .SelectMany(Lines).Prepend("/bin/sh").Distinct().Select(line => line + "\n"));

    // update-alternatives in scripts, where all its words are literal: the best of each name gets the links.
    private static void AddAlternatives(RootTree tree)
    {
        var best = new SortedDictionary<string, (int Priority, List<(string Link, string Name, string Target)> Links)>(StringComparer.Ordinal);
        foreach (string path in tree.Below("var/lib/dpkg/info").Where(path => path.EndsWith(".postinst", StringComparison.Ordinal)))
        {
            string script = tree.Find(path)!.Content.Text.Replace("\\\n", " ", StringComparison.Ordinal);
            foreach (Match match in Alternative().Matches(script))
            {
                string name = match.Groups["name"].Value;
                int priority = int.Parse(match.Groups["priority"].Value, System.Globalization.CultureInfo.InvariantCulture);
                if (best.TryGetValue(name, out (int Priority, List<(string, string, string)> Links) known) && known.Priority >= priority)
                    continue;
                best[name] = (priority, [
                    (match.Groups["link"].Value, name, match.Groups["path"].Value),
                    .. Slave().Matches(match.Groups["slaves"].Value).Select(slave =>
                        (slave.Groups["link"].Value, slave.Groups["name"].Value, slave.Groups["path"].Value))]);
            }
        }

        foreach ((string link, string name, string target) in best.Values.SelectMany(choice => choice.Links))
        {
            if (tree.Resolve(target[1..]) is null || tree.Find(tree.Place(link[1..])) is not null)
                continue;
            tree.AddSymbolicLink("etc/alternatives/" + name, target);
            tree.AddSymbolicLink(link[1..], "/etc/alternatives/" + name);
        }
    }

    // By the host's ldconfig on a copy of the libraries: with -r it needs no right, and it writes nothing but the cache.
    private static void AddLibraryCache(RootTree tree, string scratch)
    {
        string[] directories = [.. LibraryDirectories, .. Configured(tree)];
        Directory.CreateDirectory(Path.Combine(scratch, "etc"));
        Copy(tree, scratch, "etc/ld.so.conf");
        foreach (string file in tree.Below("etc/ld.so.conf.d"))
            Copy(tree, scratch, file);
        foreach (string directory in directories.Select(tree.Resolve).OfType<string>().Distinct())
        {
            foreach (string path in tree.Below(directory).Where(path => !path[(directory.Length + 1)..].Contains('/')
                && path.Contains(".so", StringComparison.Ordinal)))
                Copy(tree, scratch, path);
        }

        foreach (string link in new[] { "lib", "lib64" }.Where(link => tree.Find(link)?.Type == BootArchive.SymbolicLink))
            File.CreateSymbolicLink(Path.Combine(scratch, link), tree.Find(link)!.Target);
        HostCommand.Output("/sbin/ldconfig", "-X", "-r", scratch);
        tree.AddFile("etc/ld.so.cache", Public, File.ReadAllBytes(Path.Combine(scratch, "etc/ld.so.cache")));
    }

    private static IEnumerable<string> Configured(RootTree tree) => tree.Below("etc/ld.so.conf.d").Select(path => tree.Find(path)!)
        .Where(entry => entry.Type == BootArchive.RegularFile).SelectMany(Lines).Where(line => line.StartsWith('/')).Select(line => line.Trim().Trim('/'));

    private static void Copy(RootTree tree, string scratch, string path)
    {
        if (tree.Find(path) is not RootEntry entry)
            return;
        string file = Path.Combine(scratch, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        if (entry.Type == BootArchive.SymbolicLink)
            File.CreateSymbolicLink(file, entry.Target);
        else if (entry.Type == BootArchive.RegularFile)
        {
            using FileStream stream = File.Create(file);
            entry.Content.CopyTo(stream);
        }
    }

    private static void AddIfMissing(RootTree tree, string path, string text)
    {
        if (tree.Find(path) is null)
            tree.AddFile(path, Public, Encoding.UTF8.GetBytes(text));
    }

    private static IEnumerable<string> Lines(RootEntry entry) =>
        entry.Content.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith('#'));

    [GeneratedRegex(@"update-alternatives\s+(--\w+\s+)*?--install\s+(?<link>/[^\s$]+)\s+"
        + @"(?<name>[^\s$]+)\s+(?<path>/[^\s$]+)\s+(?<priority>\d+)(?<slaves>(\s+--slave\s+\S+\s+\S+\s+\S+)*)")]
    private static partial Regex Alternative();

    [GeneratedRegex(@"--slave\s+(?<link>/[^\s$]+)\s+(?<name>[^\s$]+)\s+(?<path>/[^\s$]+)")]
    private static partial Regex Slave();
}
