using System.CommandLine;
using System.Diagnostics;
using Microkernel.Benchmark;
using Microkernel.Benchmark.Disks;
using Microkernel.Benchmark.Faults;
using Microkernel.Image;
using Spectre.Console;

// `make bench`: measures Linux calls, and programs on disks, on this system and on Linux, in turns, and writes out/bench and the tables of docs/performance.md.
var rows = new Option<string>("--rows")
{
    Description = "Parts of rows' names, separated by commas; a whole name behind a `=`. All, without it.", DefaultValueFactory = _ => "",
};
var boots = new Option<int>("--boots")
{
    Description = "Boots of each system for times with one CPU, and as many with two.", DefaultValueFactory = _ => 5,
};
var root = new RootCommand("Measures Linux calls on this system and on Linux.") { rows, boots };
var cpus = new Option<int>("--cpus") { Description = "CPUs of the machine.", DefaultValueFactory = _ => 2 };
root.Options.Add(cpus);
root.SetAction((parsed, cancellation) => Caught(
    () => BenchAsync(Patterns(parsed.GetValue(rows)!), parsed.GetValue(boots), parsed.GetValue(cpus), cancellation)));

// `make jobs`: whole programs of Debian on both systems.
var jobs = new Command("jobs", "Runs whole programs of Debian on this system and on Linux.") { rows, boots, cpus };
jobs.SetAction((parsed, cancellation) => Caught(() => Jobs.RunAsync(
    RepositoryLayout.Find(), Patterns(parsed.GetValue(rows)!), parsed.GetValue(boots), parsed.GetValue(cpus), cancellation)));
root.Subcommands.Add(jobs);

// `make faults`: faults of drivers under programs at work.
var count = new Option<int>("--count") { Description = "Faults to commit.", DefaultValueFactory = _ => 1000 };
var seed = new Option<int>("--seed") { Description = "Seed of the first machine; each further one has the next.", DefaultValueFactory = _ => 1 };
var servers = new Option<string>("--servers")
{
    Description = "Who commits them, separated by commas; a name that stands there twice is as likely again.", DefaultValueFactory = _ => Campaign.Servers,
};
var kinds = new Option<string>("--kinds") { Description = "Kinds, separated by commas.", DefaultValueFactory = _ => Campaign.Kinds };
var faults = new Command("faults", "Has drivers fail under programs at work, and looks whether anybody notices.") { count, seed, servers, kinds, cpus };
faults.SetAction((parsed, cancellation) => Caught(() => Campaign.RunAsync(
    RepositoryLayout.Find(), parsed.GetValue(count), parsed.GetValue(seed), parsed.GetValue(servers)!, parsed.GetValue(kinds)!, parsed.GetValue(cpus),
    cancellation)));
root.Subcommands.Add(faults);

// `make fault-throughput`: what is left of a disk's throughput while its driver is killed again and again.
var seconds = new Option<double>("--seconds") { Description = "Of each measurement.", DefaultValueFactory = _ => 10 };
var rounds = new Option<int>("--rounds") { Description = "Measurements of each kind.", DefaultValueFactory = _ => 3 };
var throughput = new Command("fault-throughput", "Measures a disk while its driver is killed again and again.") { seconds, rounds, cpus };
throughput.SetAction((parsed, cancellation) => Caught(() => Throughput.RunAsync(
    RepositoryLayout.Find(), parsed.GetValue(seconds), parsed.GetValue(rounds), parsed.GetValue(cpus), cancellation)));
root.Subcommands.Add(throughput);
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

// Rows of calls, then rows of disks. What names a row of disks is not looked for among the calls.
static async Task<int> BenchAsync(string[] patterns, int boots, int cpus, CancellationToken cancellation)
{
    RepositoryLayout repository = RepositoryLayout.Find();
    IReadOnlyList<string> all = DiskRowNames.All(repository);
    string[] ofDisks = [.. patterns.Where(pattern => all.Any(row => DiskRowNames.IsMeant(row, pattern)))];
    string[] rest = [.. patterns.Except(ofDisks)];
    int status = patterns.Length == 0 || rest.Length > 0 ? await MeasureAsync(rest, boots, cancellation) : 0;
    return patterns.Length > 0 && ofDisks.Length == 0 ? status : Math.Max(status, await MeasureDisksAsync(repository, all, ofDisks, boots, cpus, cancellation));
}

static async Task<int> MeasureDisksAsync(
    RepositoryLayout repository, IReadOnlyList<string> all, string[] patterns, int boots, int cpus, CancellationToken cancellation)
{
    string[] meant = [.. all.Where(row => patterns.Length == 0 || patterns.Any(pattern => DiskRowNames.IsMeant(row, pattern)))];
    IReadOnlyList<DiskResult> results = await DiskRows.RunAsync(repository, meant, boots, cpus, cancellation);
    AnsiConsole.Write(DiskRows.Table(results));
    // The page has all or nothing.
    if (meant.Length == all.Count)
    {
        string page = Path.Combine(repository.Root, "docs/performance.md");
        await File.WriteAllTextAsync(page, DiskTable.Update(await File.ReadAllTextAsync(page, cancellation), results, boots, cpus), cancellation);
    }

    return results.All(row => row.IsRight) ? 0 : 1;
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
