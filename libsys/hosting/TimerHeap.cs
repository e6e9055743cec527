namespace Libsys.Hosting;

/// <summary>Timers by deadline: a binary heap whose members know their place, so that a cancelled timer leaves at once.</summary>
internal sealed class TimerHeap
{
    private readonly List<LoopTimer> timers = [];

    /// <summary>The next deadline, or never.</summary>
    public ulong NextDeadline { get; private set; } = ulong.MaxValue;

    /// <summary>Takes a timer out whose deadline has passed, or null.</summary>
    public LoopTimer? TakeExpired(ulong now)
    {
        if (timers.Count == 0 || timers[0].Deadline > now)
            return null;
        LoopTimer timer = timers[0];
        Remove(timer);
        return timer;
    }

    public void Insert(LoopTimer timer)
    {
        timer.Position = timers.Count;
        timers.Add(timer);
        MoveUp(timer.Position);
        SeeNext();
    }

    public void Remove(LoopTimer timer)
    {
        int position = timer.Position;
        int last = timers.Count - 1;
        Swap(position, last);
        timers.RemoveAt(last);
        timer.Position = -1;
        if (position != last)
        {
            MoveUp(position);
            MoveDown(position);
        }

        SeeNext();
    }

    private void SeeNext() => NextDeadline = timers.Count > 0 ? timers[0].Deadline : ulong.MaxValue;

    private void MoveUp(int position)
    {
        while (position > 0)
        {
            int parent = (position - 1) / 2;
            if (timers[parent].Deadline <= timers[position].Deadline)
                return;
            Swap(parent, position);
            position = parent;
        }
    }

    private void MoveDown(int position)
    {
        for (;;)
        {
            int least = position;
            for (int child = 2 * position + 1; child <= 2 * position + 2 && child < timers.Count; child++)
            {
                if (timers[child].Deadline < timers[least].Deadline)
                    least = child;
            }

            if (least == position)
                return;
            Swap(least, position);
            position = least;
        }
    }

    private void Swap(int first, int second)
    {
        (timers[first], timers[second]) = (timers[second], timers[first]);
        timers[first].Position = first;
        timers[second].Position = second;
    }
}
