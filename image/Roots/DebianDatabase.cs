using System.Text;
using Libsys.Abi;
using Microkernel.Image.Root;

namespace Microkernel.Image.Roots;

/// <summary>
/// What dpkg notes of the packages in a root: /var/lib/dpkg. They are "unpacked" and not "installed", for their scripts have not run; `dpkg --configure -a`
/// would run them.
/// </summary>
internal sealed class DebianDatabase(RootTree tree)
{
    private const string Directory = "var/lib/dpkg";

    private readonly StringBuilder status = new();

    /// <summary>Notes a package.</summary>
    public void Add(string package, IReadOnlyList<RootEntry> entries)
    {
        var control = new RootTree();
        string scratch = Path.GetTempFileName();
        try
        {
            using var contents = new FileStream(scratch, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            HostCommand.Read("dpkg-deb", ["--ctrl-tarfile", package], pipe => TarReader.AddTo(control, pipe, contents));
            string[] fields = control.Find("control")!.Content.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            string name = Field(fields, "Package");
            string file = Field(fields, "Multi-Arch") == "same" ? $"{name}:{Field(fields, "Architecture")}" : name;
            status.Append(fields[0]).Append("\nStatus: install ok unpacked\n").AppendJoin('\n', fields.Skip(1)).Append("\n\n");
            foreach (RootEntry entry in control.Entries.Where(entry => entry.Type == BootArchive.RegularFile && entry.Path != "control"))
                tree.AddFile($"{Directory}/info/{file}.{entry.Path}", entry.Mode & 0xfff, entry.Content.ToArray());
            string names = string.Concat(entries.Select(entry => $"/{entry.Path}\n"));
            tree.AddFile($"{Directory}/info/{file}.list", 0x1a4, Encoding.UTF8.GetBytes("/.\n" + names));
        }
        finally
        {
            File.Delete(scratch);
        }
    }

    /// <summary>Writes the table of packages.</summary>
    public void Finish()
    {
        tree.AddFile($"{Directory}/status", 0x1a4, Encoding.UTF8.GetBytes(status.ToString()));
        tree.AddFile($"{Directory}/available", 0x1a4, default);
        tree.AddFile($"{Directory}/info/format", 0x1a4, "1\n"u8.ToArray());
        tree.AddDirectory($"{Directory}/updates");
    }

    private static string Field(string[] fields, string name) =>
        fields.FirstOrDefault(field => field.StartsWith(name + ": ", StringComparison.Ordinal))?[(name.Length + 2)..] ?? "";
}
