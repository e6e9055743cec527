using System.CommandLine;
using System.Diagnostics;
using Microkernel.Benchmark;
using Microkernel.Image;
using Spectre.Console;

// `make bench`: measures Linux calls on this system and on Linux, in turns, and writes out/bench and the table of docs/performance.md.
var rows = new Option<string>("--rows")
{
    Description = "Parts of rows' names, separated by commas; a whole name behind a `=`. All, without it.", DefaultValueFactory = _ => "",
};
var boots = new Option<int>("--boots")
{
    Description = "Boots of each system for times with one CPU, and as many with two.", DefaultValueFactory = _ => 5,
};
var root = new RootCommand("Measures Linux calls on this system and on Linux.") { rows, boots };
root.SetAction((parsed, cancellation) => Caught(() => MeasureAsync(Patterns(parsed.GetValue(rows)!), parsed.GetValue(boots), cancellation)));

// `make jobs`: whole programs of Debian on both systems.
var cpus = new Option<int>("--cpus") { Description = "CPUs of the machine.", DefaultValueFactory = _ => 2 };
var jobs = new Command("jobs", "Runs whole programs of Debian on this system and on Linux.") { rows, boots, cpus };
jobs.SetAction((parsed, cancellation) => Caught(() => Jobs.RunAsync(
    RepositoryLayout.Find(), Patterns(parsed.GetValue(rows)!), parsed.GetValue(boots), parsed.GetValue(cpus), cancellation)));
root.Subcommands.Add(jobs);
return await root.Parse(args).InvokeAsync();

static string[] Patterns(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

static async Task<int> Caught(Func<Task<int>> command)
{
    try
    {
        return await command();
    }
    catch (ImageException error)
    {
        Console.Error.WriteLine($"bench: {error.Message}");
        return 1;
    }
}

static async Task<int> MeasureAsync(string[] patterns, int boots, CancellationToken cancellation)
{
    const int WidthOfTable = 220;
    RepositoryLayout repository = RepositoryLayout.Find();
    var clock = Stopwatch.StartNew();
    Results results = await Measuring.RunAsync(repository, Plan.Make(boots, patterns), cancellation);
    IReadOnlyList<RowResult> measured = results.Rows;
    if (measured.Count == 0)
        throw new ImageException($"no row has one of these in its name: {string.Join(", ", patterns)}");

    string directory = Path.Combine(repository.Results, "bench");
    Directory.CreateDirectory(directory);
    await File.WriteAllTextAsync(Path.Combine(directory, "results.json"), ResultsFile.Format(measured, boots, clock.Elapsed), cancellation);
    await File.WriteAllTextAsync(Path.Combine(directory, "index.html"), ResultPage.Format(measured, boots, clock.Elapsed), cancellation);
    // A file has room for the whole width of the table.
    if (Console.IsOutputRedirected)
        AnsiConsole.Profile.Width = WidthOfTable;
    AnsiConsole.Write(Measuring.Table(measured));

    // A part of the rows is for whoever looks at them; the page has all or nothing.
    if (patterns.Length == 0)
    {
        string page = Path.Combine(repository.Root, "docs/performance.md");
        string updated = ResultTable.Update(await File.ReadAllTextAsync(page, cancellation), measured, ResultTable.Note(measured, boots));
        await File.WriteAllTextAsync(page, updated, cancellation);
    }

    Console.WriteLine($"{clock.Elapsed:m\\:ss} minutes; {directory}/index.html");
    return 0;
}
