using Microkernel.Image.Run;

namespace Microkernel.Image.Tests;

/// <summary>What says that a boot has stopped says nothing else.</summary>
public sealed class BootWatchdogTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_run_that_ends_is_no_boot_that_has_stopped(bool isReady)
    {
        using var over = new CancellationTokenSource();
        Task<string> stuck = new BootWatchdog("/no/such/log").WatchAsync(isReady ? Task.CompletedTask : new TaskCompletionSource().Task, over.Token);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stuck);
        Assert.False(stuck.IsCompletedSuccessfully);
    }
}
