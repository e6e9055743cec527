namespace Microkernel.Models.Tests;

/// <summary>The protocols hold in every run of their models, and each step that a model can leave out is needed.</summary>
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
    [InlineData("ring.pml")]
    [InlineData("hot-list.pml")]
    [InlineData("signal-and-wait.pml")]
    [InlineData("resume.pml")]
    [InlineData("idle-spin.pml")]
    [InlineData("completion-reader.pml", "REQUESTS=1", "INTERRUPTS=1")]
    [InlineData("completion-reader.pml", "REQUESTS=1", "INTERRUPTS=1", "SERVERS=2")]
    [InlineData("completion-reader.pml", "REQUESTS=1", "INTERRUPTS=1", "STAND_IN=1")]
    [InlineData("joined-poll.pml")]
    [InlineData("memory-source.pml", "EDGES=0")]
    [InlineData("memory-source.pml", "EDGES=1")]
    [InlineData("stream.pml")]
    [InlineData("stream-marks.pml")]
    [InlineData("published-names.pml")]
    [InlineData("file-writes.pml")]
    [InlineData("posted-calls.pml")]
    [InlineData("posted-writes.pml")]
    [InlineData("posted-names.pml")]
    [InlineData("posted-creations.pml")]
    [InlineData("child-signals.pml")]
    [InlineData("shared-offset.pml")]
    [InlineData("posted-control.pml")]
    [InlineData("descriptor-look.pml")]
    [InlineData("messages.pml")]
    public void A_model_holds_in_every_run_and_uses_all_its_statements(string model, params string[] defines)
    {
        var verdict = ModelChecker.Check(model, isMutant: false, defines);
        Assert.True(verdict.Errors == 0 && verdict.IsComplete, verdict.Output);
        Assert.Empty(verdict.Unreached);
    }

    [Fact]
    public void Completion_reader_holds_when_a_record_is_used_again()
    {
        var verdict = ModelChecker.Check("completion-reader.pml", isMutant: false);
        Assert.True(verdict.Errors == 0 && verdict.IsComplete, verdict.Output);
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
