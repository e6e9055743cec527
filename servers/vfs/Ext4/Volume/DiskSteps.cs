using Servers.Vfs.Blocks;

namespace Servers.Vfs.Ext4;

/// <summary>
/// A sequence of transfers: an iterator gives one after the other and goes on when it has ended. What takes many steps and is nobody's request is written so.
/// </summary>
internal sealed class DiskSteps
{
    private readonly IEnumerator<DiskTransfer> steps;
    private readonly Action<Errno> ended;
    private bool isRunning, isAgain;

    private DiskSteps(IEnumerator<DiskTransfer> steps, Action<Errno> ended) => (this.steps, this.ended) = (steps, ended);

    /// <summary>Runs them; the first transfer that fails ends it. <paramref name="ended"/> is told once, before this returns or later.</summary>
    public static void Run(IEnumerator<DiskTransfer> steps, Action<Errno> ended) => new DiskSteps(steps, ended).Go();

    private void Go()
    {
        // A transfer that ends at once goes on here, and not deeper.
        isAgain = true;
        if (isRunning)
            return;
        isRunning = true;
        while (isAgain)
        {
            isAgain = false;
            if (!steps.MoveNext())
            {
                End(Errno.None);
                return;
            }

            steps.Current.Submit(Completed);
        }

        isRunning = false;
    }

    private void Completed(Errno error)
    {
        if (error == Errno.None)
            Go();
        else
            End(error);
    }

    private void End(Errno error)
    {
        steps.Dispose();
        ended(error);
    }
}
