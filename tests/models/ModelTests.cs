namespace Microkernel.Models.Tests;

/// <summary>Each step that a model can leave out is needed.</summary>
public sealed class ModelTests
{
    private static readonly string[] Models =
    [
        "ring.pml", "hot-list.pml", "signal-and-wait.pml", "completion-reader.pml", "joined-poll.pml", "resume.pml", "memory-source.pml", "idle-spin.pml",
        "stream.pml", "stream-marks.pml", "published-names.pml", "file-writes.pml", "posted-calls.pml", "posted-writes.pml", "child-signals.pml",
        "shared-offset.pml", "posted-names.pml", "posted-creations.pml", "posted-control.pml", "descriptor-look.pml",
        "messages.pml",
    ];

    /// <summary>Each model with each of its mutants.</summary>
    public static TheoryData<string, string> Mutants()
    {
        var data = new TheoryData<string, string>();
        foreach (var model in Models)
            foreach (var mutant in ModelChecker.MutantsOf(model))
                data.Add(model, mutant);
        return data;
    }

    [Theory]
    [MemberData(nameof(Mutants))]
    public void A_mutant_is_caught(string model, string mutant)
    {
        var verdict = ModelChecker.Check(model, isMutant: true, mutant);
        Assert.True(verdict.Errors > 0, $"{model} with {mutant} passes: the model does not see the step.\n{verdict.Output}");
        Assert.True(verdict.Output.Contains("acceptance cycle") || verdict.Output.Contains("assertion violated"), verdict.Output);
    }

    [Fact]
    public void Each_model_has_mutants()
    {
        Assert.All(Models, model => Assert.True(ModelChecker.MutantsOf(model).Count >= 2, model));
    }
}
