using GcStress;

// Runs every workload at once for the given number of seconds and checks what each computes. Exit status 0 if all of it was right.
// Signals suspend threads for the collector, null references arrive as SIGSEGV, awaits go through futexes: one stock program, most of the ABI.
int seconds = args.Length > 0 ? int.Parse(args[0]) : 5;
int workers = Math.Max(2, Environment.ProcessorCount);
using CancellationTokenSource stop = new(TimeSpan.FromSeconds(seconds));

List<Task<long>> running = [];
for (int i = 0; i < workers; i++)
{
    // Threads of their own: the pool would give tasks that never yield all its threads, and the channels none.
    running.Add(Task.Factory.StartNew(() => TreeWorkload.Run(stop.Token), TaskCreationOptions.LongRunning));
    running.Add(Task.Factory.StartNew(() => ExceptionWorkload.Run(stop.Token), TaskCreationOptions.LongRunning));
    running.Add(ChannelWorkload.RunAsync(stop.Token));
}
Thread collector = new(() => CollectorWorkload.Run(stop.Token));
collector.Start();

long[] rounds = await Task.WhenAll(running);
collector.Join();
if (rounds.Any(count => count == 0))
{
    Console.WriteLine($"a workload made no progress: {string.Join(' ', rounds)}");
    return 1;
}
Console.Error.WriteLine($"rounds: {string.Join(' ', rounds)}; collections: {GC.CollectionCount(0)}");
Console.WriteLine("all workloads were right");
return 0;
