using System.Runtime.CompilerServices;
using Libsys.Messages;

namespace Libsys.Hosting;

/// <summary>
/// Commits what root has asked for by /sys/servers/NAME/inject: within the server that is to fail, in its own loop, as a bug of its own would.
/// </summary>
internal static class InjectedFaults
{
    private const int ExitStatus = 3;

    /// <summary>Commits a fault. Returns where the server goes on with it.</summary>
    public static void Commit(InjectedFault fault, EventLoop loop, ServerContext context)
    {
        var random = new Random(HashCode.Combine(context.Generation, SystemClock.Now));
        switch (fault)
        {
            case InjectedFault.Crash when loop.Crashing is { } chosen:
                chosen();
                break;
            case InjectedFault.Crash:
                Crash(null);
                break;
            case InjectedFault.Hang:
                for (;;)
                    Thread.SpinWait(1000);
            case InjectedFault.Exit:
                Environment.Exit(ExitStatus);
                break;
            case InjectedFault.Garbage:
                FillWithGarbage(random, loop, context);
                break;
            case InjectedFault.Deadlock:
                using (var never = new ManualResetEventSlim())
                    never.Wait();
                break;
            case InjectedFault.Exhaust:
                Exhaust();
                break;
            case InjectedFault.Wild:
                MemoryFaults.ChangeObjects(random, loop);
                break;
            case InjectedFault.Code:
                MemoryFaults.ChangeCode(random);
                break;
            case InjectedFault.Accuse:
                // The last one first: clients come behind their servers.
                foreach ((string name, PublishedServer server) in Enumerable.Reverse(context.Directory?.All() ?? []))
                    context.ReportViolation(name, server.Generation);
                break;
            case (>= InjectedFault.Drop and <= InjectedFault.Stray) or InjectedFault.Stuck or InjectedFault.Dead when loop.Answering is { } answering:
                answering(fault);
                break;
            case (>= InjectedFault.Drop and <= InjectedFault.Stray) or InjectedFault.Stuck or InjectedFault.Dead:
                context.Log.Write("answers no requests of the kind that can be spoilt: nothing is injected");
                break;
            default:
                // Taken already, or not the server's own to commit.
                break;
        }
    }

    // A null reference that nobody expects, as a bug in a handler would be.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Crash(string? nothing) => Thread.SpinWait(nothing!.Length);

    private static void Exhaust()
    {
        const int piece = 1 << 16;
        var all = new List<byte[]>();
        for (;;)
            all.Add(new byte[piece]);
    }

    private static void FillWithGarbage(Random random, EventLoop loop, ServerContext context)
    {
        bool any = false;
        foreach (EventSource source in loop.AllSources())
            any |= source.FillWithGarbage(random);
        if (!any)
            context.Log.Write("no connections: there are no rings to fill with garbage");
    }
}
