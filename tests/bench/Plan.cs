using Microkernel.Image.Bench;
using Microkernel.Image.Run;

namespace Microkernel.Benchmark;

/// <summary>What is compared with what.</summary>
internal enum Setting
{
    /// <summary>Times, one CPU.</summary>
    OneCpu,

    /// <summary>Times, two CPUs.</summary>
    TwoCpus,

    /// <summary>Instructions, one CPU.</summary>
    Instructions,

    /// <summary>Messages, kernel entries and switches, on the kernel that counts them.</summary>
    Messages,
}

/// <summary>A boot of the plan.</summary>
internal sealed record PlannedBoot(Setting Setting, TargetSystem System, BenchBoot Boot)
{
    /// <summary>For people.</summary>
    public string Description => $"{(System == TargetSystem.Linux ? "Linux" : "here")}, {Setting switch
    {
        Setting.OneCpu => "1 CPU",
        Setting.TwoCpus => "2 CPUs",
        Setting.Instructions => "instructions",
        _ => "messages",
    }}";
}

/// <summary>The boots, in their order.</summary>
internal static class Plan
{
    // Counts repeat; the second boot shows it.
    private const int BootsForInstructions = 2;

    // Nanoseconds and instructions: of an operation of 5,000 instructions 400, which is a batch long beside what happens now and then.
    private const long TimeBatch = 10_000_000, InstructionBatch = 2_000_000;
    private const int Batches = 5;

    /// <summary>
    /// Counts first, which are quick and show whether all works. Then times: the systems take turns, and who is first changes too, so that a host that becomes
    /// slower or faster meanwhile does so for both.
    /// </summary>
    public static IReadOnlyList<PlannedBoot> Make(int boots, IReadOnlyList<string> rows)
    {
        var plan = new List<PlannedBoot>();
        for (int number = 0; number < Math.Min(boots, BootsForInstructions); number++)
            AddBoth(plan, Setting.Instructions, number, rows);
        plan.Add(One(Setting.Messages, TargetSystem.Microkernel, rows));
        for (int number = 0; number < boots; number++)
        {
            AddBoth(plan, Setting.OneCpu, number, rows);
            AddBoth(plan, Setting.TwoCpus, number, rows);
        }

        return plan;
    }

    private static void AddBoth(List<PlannedBoot> plan, Setting setting, int number, IReadOnlyList<string> rows)
    {
        TargetSystem[] both = [TargetSystem.Microkernel, TargetSystem.Linux];
        plan.AddRange((number % 2 == 0 ? both : both.Reverse()).Select(system => One(setting, system, rows)));
    }

    private static PlannedBoot One(Setting setting, TargetSystem system, IReadOnlyList<string> rows) => new(setting, system, new BenchBoot
    {
        System = system,
        Cpus = setting == Setting.TwoCpus ? 2 : 1,
        CountsInstructions = setting is Setting.Instructions or Setting.Messages,
        CountsMessages = setting == Setting.Messages,
        BatchLength = setting is Setting.OneCpu or Setting.TwoCpus ? TimeBatch : InstructionBatch,
        Batches = Batches,
        Rows = rows,
    });
}
