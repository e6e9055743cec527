using System.IO.Hashing;
using System.Text;
using Libsys.Abi;
using Microkernel.Image.Root;

namespace Microkernel.Image.Roots;

/// <summary>
/// Debian packages with all that they depend on, fetched by apt into a directory of its own: nothing is installed on the build machine and no right is needed.
/// What the packages' own scripts would do is done by <see cref="DebianSetup"/>.
/// </summary>
internal sealed class DebianRoot : RootSource
{
    private const string Architecture = "amd64";

    // Debian 12 has one tree of programs below /usr and links to it, which no package brings.
    private static readonly string[] MergedDirectories = ["bin", "sbin", "lib", "lib64"];

    private readonly RepositoryLayout repository;
    private readonly string list;
    private readonly string[] names;

    /// <summary>Reads the list: what apt-get install takes, one a line; '#' starts a comment.</summary>
    /// <exception cref="ImageException">It is empty, or a line is no name of a package.</exception>
    public DebianRoot(RepositoryLayout repository, string list)
    {
        this.repository = repository;
        this.list = list;
        names = [.. File.ReadLines(list).Select(line => line.Split('#')[0].Trim()).Where(line => line.Length > 0)];
        if (names.Length == 0)
            throw new ImageException($"{list} names no package");
        foreach (string name in names.Where(name => name.StartsWith('-') || name.Any(char.IsWhiteSpace)))
            throw new ImageException($"{list}: {name} is not the name of a package");
    }

    public override string Description => list;

    public override void AddInputs(XxHash128 hash)
    {
        hash.Append("debian"u8);
        hash.Append(Encoding.UTF8.GetBytes(string.Join('\n', names)));
    }

    public override void AddTo(RootTree tree, FileStream contents)
    {
        string work = Path.Combine(Path.GetDirectoryName(contents.Name)!, "apt");
        Unpack(tree, Fetch(work), contents);
        string scratch = Directory.CreateDirectory(Path.Combine(work, "libraries")).FullName;
        DebianSetup.Finish(tree, scratch);
    }

    /// <summary>Unpacks packages in the order of their names, and finds out which scripts they would run.</summary>
    internal static void Unpack(RootTree tree, IReadOnlyList<string> packages, FileStream contents)
    {
        foreach (string directory in MergedDirectories)
        {
            tree.AddDirectory("usr/" + directory);
            tree.AddSymbolicLink(directory, "usr/" + directory);
        }

        var database = new DebianDatabase(tree);
        foreach (string package in packages.OrderBy(Path.GetFileName, StringComparer.Ordinal))
        {
            var files = new RootTree();
            HostCommand.Read("dpkg-deb", ["--fsys-tarfile", package], pipe => TarReader.AddTo(files, pipe, contents));
            IReadOnlyList<RootEntry> entries = files.Entries;
            foreach (RootEntry entry in entries)
            {
                // Directories that are there keep their owner and mode, as with dpkg.
                if (entry.Type != BootArchive.Directory || tree.Resolve(entry.Path) is null)
                    tree.Add(entry);
            }

            database.Add(package, entries);
        }

        database.Finish();
    }

    private List<string> Fetch(string work)
    {
        string lists = Directory.CreateDirectory(Path.Combine(work, "state/lists/partial")).FullName;
        string archives = Directory.CreateDirectory(Path.Combine(work, "cache/archives/partial")).FullName;
        string status = Path.Combine(work, "status");
        File.WriteAllText(status, ""); // nothing is installed: apt finds out all that is needed
        string[] options =
        [
            "-qq", "-y", "-o", $"Dir::State={Path.GetDirectoryName(Path.GetDirectoryName(lists))}", "-o", $"Dir::State::status={status}",
            "-o", $"Dir::Cache={Path.GetDirectoryName(Path.GetDirectoryName(archives))}", "-o", $"Dir::Log={work}", "-o", $"APT::Architecture={Architecture}",
            "-o", "Acquire::Languages=none",
            "-o", $"APT::Sandbox::User={Environment.UserName}", // as root apt would change to a user who may not write here
        ];
        Apt(work, [.. options, "update"]);
        Apt(work, [.. options, "--no-install-recommends", "--download-only", "install", "--", .. names]);
        return [.. Directory.EnumerateFiles(Path.GetDirectoryName(archives)!, "*.deb")];
    }

    private void Apt(string work, string[] arguments)
    {
        string messages = Path.Combine(work, "messages");
        try
        {
            // apt's messages are for whoever looks for the reason of a failure.
            HostCommand.Output("/bin/sh", ["-c", "log=$1; shift; exec apt-get \"$@\" >\"$log\" 2>&1", "sh", messages, .. arguments]);
        }
        catch (ImageException)
        {
            string reason = File.Exists(messages) ? string.Join('\n', File.ReadLines(messages).TakeLast(5)) : "";
            throw new ImageException($"apt could not fetch the packages of {Path.GetRelativePath(repository.Root, list)}:\n{reason}");
        }
    }
}
