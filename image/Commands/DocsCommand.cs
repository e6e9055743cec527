using System.CommandLine;
using Microkernel.Image.Docs;

namespace Microkernel.Image.Commands;

/// <summary><c>image docs</c>: writes the parts of the pages in <c>docs/</c> that come from the sources.</summary>
internal static class DocsCommand
{
    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create()
    {
        var command = new Command("docs", "Writes the tables in docs/ that come from the sources.");
        command.SetAction(_ =>
        {
            string root = RepositoryLayout.Find().Root;
            string page = Path.Combine(root, "docs/kernel-calls.md");
            File.WriteAllText(page, KernelCallTable.Update(File.ReadAllText(page), File.ReadAllText(Path.Combine(root, "libsys/abi/KernelCall.cs"))));
        });
        return command;
    }
}
