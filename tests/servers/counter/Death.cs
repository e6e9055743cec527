using Libsys.Hosting;

namespace Tests.Servers.Counting.Server;

/// <summary>
/// Ends the process at a chosen step of its protocol: when root wants it to crash, the steps are counted down from a number that each generation draws.
/// </summary>
internal sealed class Death(ServerContext context)
{
    // A request takes about 40 steps, so that some deaths come within the first one and some after several.
    private const int MostSteps = 400;


    private readonly Random random = new((int)context.Generation);
    private int left;

    /// <summary>The process will end soon.</summary>
    public void Arm() => left = random.Next(1, MostSteps);

    /// <summary>A step is about to be made.</summary>
    public void Step()
    {
        if (left > 0 && --left == 0)
            throw new InvalidOperationException("the process ends at this step, as root asked");
    }
}
