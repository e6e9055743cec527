using System.CommandLine;
using Microkernel.Image.Bench;
using Spectre.Console;

namespace Microkernel.Image.Commands;

/// <summary><c>image counts</c>: measures the guarded operations and writes their file anew; <c>make counts</c> builds and then starts this.</summary>
internal static class CountsCommand
{
    /// <summary>Builds the command for the root command line.</summary>
    public static Command Create()
    {
        var command = new Command("counts", "Measures the instruction counts that the tests guard, and writes their file.");
        command.SetAction((_, cancellation) => UpdateAsync(RepositoryLayout.Find(), cancellation));
        return command;
    }

    private static async Task<int> UpdateAsync(RepositoryLayout repository, CancellationToken cancellation)
    {
        InstructionCounts remembered = InstructionCounts.Parse(await File.ReadAllTextAsync(repository.InstructionCounts, cancellation));
        InstructionCounts measured = await remembered.MeasureAsync(repository, _ => { }, cancellation);
        var table = new Table().AddColumns("operation", "before", "now", "change");
        foreach ((string name, long now) in measured.Rows)
        {
            long before = remembered.Rows[name];
            table.AddRow(Markup.Escape(name), $"{before:N0}", $"{now:N0}", $"{(double)(now - before) / before:+0.0 %;-0.0 %;0}");
        }

        AnsiConsole.Write(table);
        await File.WriteAllTextAsync(repository.InstructionCounts, measured.Format(), cancellation);
        return 0;
    }
}
