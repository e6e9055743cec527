using System.Runtime.CompilerServices;

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
            else if (!SystemClock.MaySpin || !TryPoll())
            {
                Sleep();
                return;
            }
        }
    }

    /// <summary>Serves all that is hot once. False if nothing is left to do, as far as the sources know.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool RunTurn()
    {
        bool worked = timers.NextDeadline <= Now && RunTimers();
        if (posted.Count > 0)
        {
            worked = true;
            RunPosted();
        }

        // Sources that become hot meanwhile are at the end and wait for the next turn.
        int count = hot.Count;
        bool hasGone = false;
        isTouched = false;
        for (int index = 0; index < count; index++)
        {
            EventSource source = hot[index];
            if (index > 0 && SystemClock.Now - lastPoll > LongestBetweenPolls)
                Poll();
            if (source.IsAttached && source.Turn())
                worked = true;
            hasGone |= !source.IsAttached;
        }

        // One that was looked at before may have work from one that was served after it.
        bool hasNew = isTouched || posted.Count > 0;
        if (hasGone)
            ForgetGone();
        return worked || hasNew;
    }

    private bool RunTimers()
    {
        bool worked = false;
        while (timers.TakeExpired(Now) is { } timer)
        {
            worked = true;
            timer.Expired();
        }

        return worked;
    }

    // What is posted meanwhile waits for the next turn.
    private void RunPosted()
    {
        (posted, running) = (running, posted);
        while (running.TryDequeue(out Action? action))
            action();
    }

    // A loop that is never idle keeps all that were hot once; those that have gone would add up.
    private void ForgetGone()
    {
        for (int index = hot.Count - 1; index >= 0; index--)
        {
            if (hot[index].IsAttached)
                continue;
            hot[index].IsHot = false;
            hot.RemoveAt(index);
        }

        hot.Forget();
    }

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
