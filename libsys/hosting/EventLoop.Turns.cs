namespace Libsys.Hosting;

// What is hot is served, turn by turn, until nothing is.
public sealed partial class EventLoop
{
    // A peer can run at once if it is woken now; otherwise it is better woken when this server gives its CPU up.
    private static bool HasFreeCpu => SystemClock.Runnable < SystemClock.CpuCount;

    private void RunUntilSleep()
    {
        int turn = 0;
        lastPoll = Now = SystemClock.Now;
        for (; !isStopped; Now = SystemClock.Now)
        {
            if (Now - lastPoll > LongestBetweenPolls)
                Poll();
            if (RunTurn())
            {
                if (HasFreeCpu)
                    SignalPeers();
                if (++turn % TurnsBetweenPolls == 0)
                    Poll();
            }
            else if (!TryPoll())
            {
                Sleep();
                return;
            }
        }
    }

    /// <summary>Serves all that is hot once. False if there was nothing to do.</summary>
    private bool RunTurn()
    {
        bool worked = false;
        while (timers.TakeExpired(Now) is { } timer)
        {
            worked = true;
            timer.Expired();
        }

        // Exchanged only when there is something: assigning references costs more than most turns do here.
        if (posted.Count > 0)
            (posted, running) = (running, posted);
        while (running.TryDequeue(out Action? action))
        {
            worked = true;
            action();
        }

        // Sources that become hot meanwhile are at the end and wait for the next turn.
        int count = hot.Count;
        bool hasGone = false;
        for (int index = 0; index < count; index++)
        {
            EventSource source = hot[index].Source;
            if (index > 0 && SystemClock.Now - lastPoll > LongestBetweenPolls)
                Poll();
            if (source.IsAttached && source.Turn())
                worked = true;
            hasGone |= !source.IsAttached;
        }

        bool hasNew = hot.Count > count;
        if (hasGone)
            ForgetGone();
        return worked || posted.Count > 0 || hasNew;
    }

    // A loop that is never idle keeps all that were hot once; those that have gone would add up.
    private void ForgetGone() => hot.RemoveAll(static entry =>
    {
        entry.Source.IsHot &= entry.Source.IsAttached;
        return !entry.Source.IsAttached;
    });

    /// <summary>
    /// For a handler in the middle of much, but bounded, work: looks for doorbells if that was long ago, so that a heartbeat finds its answer. Sources that
    /// become hot are served after the handler.
    /// </summary>
    public void Breathe()
    {
        if (SystemClock.Now - lastPoll > LongestBetweenPolls)
            Collect(0);
    }
}
