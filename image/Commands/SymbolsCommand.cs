using System.CommandLine;
using Microkernel.Image.Elf;
using Microkernel.Image.Symbols;

namespace Microkernel.Image.Commands;

/// <summary><c>image symbols --output DIR FILE...</c>: makes the tables by which crash reports name functions and source lines.</summary>
internal static class SymbolsCommand
{
    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("FILE") { Arity = ArgumentArity.OneOrMore,
            Description = "ELF files with symbols; each table is named as its file without extension." };
        var output = new Option<DirectoryInfo>("--output") { Required = true, Description = "Folder for the tables." };
        var command = new Command("symbols", "Makes the tables of functions and source lines for crash reports.") { files, output };
        command.SetAction(result =>
        {
            string root = RepositoryLayout.Find().Root;
            foreach (FileInfo file in result.GetRequiredValue(files))
            {
                string table = Path.Combine(result.GetRequiredValue(output).FullName, Path.GetFileNameWithoutExtension(file.Name));
                UpToDateFile.Write(table, CodeTableWriter.Build(ElfImage.Load(file.FullName), root));
            }
        });
        return command;
    }
}
