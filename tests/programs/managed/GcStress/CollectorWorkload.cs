namespace GcStress;

/// <summary>Forces collections of all kinds while the others work: each suspends every thread by a signal.</summary>
internal static class CollectorWorkload
{
    /// <summary>Runs until the token is cancelled.</summary>
    public static void Run(CancellationToken stop)
    {
        for (int round = 0; !stop.IsCancellationRequested; round++)
        {
            GC.Collect(round % 3, GCCollectionMode.Forced, blocking: true, compacting: round % 5 == 0);
            Thread.Sleep(5);
        }
    }
}
