using Microkernel.Image.Run;

namespace Microkernel.Benchmark.Disks;

/// <summary>A row of disks on both systems; seconds, null where a system has no answer.</summary>
/// <param name="Name">The row.</param>
/// <param name="Pair">Seconds here and on Linux.</param>
/// <param name="IsRight">Each run ended with status 0, and all printed the same.</param>
internal sealed record DiskResult(string Name, Pair Pair, bool IsRight)
{
    /// <summary>From what all boots said.</summary>
    public static DiskResult Of(string name, IReadOnlyList<(TargetSystem System, JobAnswer Answer)> answers)
    {
        string[] different = [.. answers.Select(answer => answer.Answer.Answer).Distinct()];
        bool isRight = different.Length == 1 && different[0].StartsWith("0:", StringComparison.Ordinal);
        return new DiskResult(name, new Pair(On(answers, TargetSystem.Microkernel), On(answers, TargetSystem.Linux)), isRight);
    }

    private static Figure? On(IReadOnlyList<(TargetSystem System, JobAnswer Answer)> answers, TargetSystem system)
    {
        double[] seconds = [.. answers.Where(answer => answer.System == system).Select(answer => answer.Answer.Seconds)];
        return seconds.Length == 0 ? null : Figure.Of(seconds);
    }
}
