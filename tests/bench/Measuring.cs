using Microkernel.Image;
using Microkernel.Image.Bench;
using Spectre.Console;

namespace Microkernel.Benchmark;

/// <summary>Carries out the plan on the terminal: progress, time left, and the table at the end.</summary>
internal static class Measuring
{
    // Before a boot has shown how many rows there are.
    private const int RowsExpected = 55;

    /// <summary>Boots one after the other.</summary>
    /// <exception cref="ImageException">One has failed.</exception>
    public static async Task<Results> RunAsync(RepositoryLayout repository, IReadOnlyList<PlannedBoot> plan, CancellationToken cancellation)
    {
        var results = new Results();
        await AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async progress =>
            {
                ProgressTask task = progress.AddTask("boots", maxValue: plan.Count);
                int rows = RowsExpected;
                for (int number = 0; number < plan.Count; number++)
                {
                    PlannedBoot boot = plan[number];
                    IReadOnlyList<BenchLine> lines = await BootAsync(repository, boot, (done, line) =>
                    {
                        task.Description = Markup.Escape($"{number + 1} of {plan.Count}: {boot.Description}, {line.Row}");
                        task.Value = number + Math.Min((double)done / rows, 1);
                    }, cancellation);
                    rows = Math.Max(lines.Count, 1);
                    results.Add(boot, lines);
                }
            });
        return results;
    }

    // On a busy host a boot may show no sign of life for so long that it counts as stopped. That is no reason to begin all over; twice is.
    private static async Task<IReadOnlyList<BenchLine>> BootAsync(
        RepositoryLayout repository, PlannedBoot boot, Action<int, BenchLine> measured, CancellationToken cancellation)
    {
        for (bool again = false; ; again = true)
        {
            int done = 0;
            try
            {
                return await boot.Boot.RunAsync(repository, line => measured(++done, line), cancellation);
            }
            catch (ImageException error) when (!again && !cancellation.IsCancellationRequested)
            {
                AnsiConsole.MarkupLineInterpolated($"[yellow]once more: {error.Message}[/]");
            }
        }
    }

    /// <summary>The table for the terminal.</summary>
    public static Table Table(IReadOnlyList<RowResult> rows)
    {
        var table = new Table();
        foreach (string column in ResultTable.Columns)
            table.AddColumn(new TableColumn(Markup.Escape(column)) { Alignment = column == ResultTable.Columns[0] ? Justify.Left : Justify.Right });
        foreach (string[] cells in ResultTable.Cells(rows))
            table.AddRow([.. cells.Select(Markup.Escape)]);
        return table;
    }
}
