namespace Microkernel.Models.Tests;

/// <summary>The protocols hold in every run of their models. A class of its own: it runs beside the mutants, on another processor.</summary>
public sealed class TrueModelTests
{
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
}
