using Servers.Vfs.Waiting;

namespace Servers.Vfs.Tests;

/// <summary>Alarms that go off when a test says so.</summary>
internal sealed class TestAlarms
{
    private readonly List<Alarm> all = [];

    /// <summary>When the next one goes off; null: none is set.</summary>
    public long? Next => all.Where(alarm => alarm.Deadline is not null).Min(alarm => alarm.Deadline);

    public IAlarm Create(Action expired)
    {
        var alarm = new Alarm(expired);
        all.Add(alarm);
        return alarm;
    }

    /// <summary>Those go off whose time has come: how many.</summary>
    public int Run(long now)
    {
        Alarm[] due = [.. all.Where(alarm => alarm.Deadline <= now)];
        foreach (Alarm alarm in due)
        {
            alarm.Deadline = null;
            alarm.Expired();
        }

        return due.Length;
    }

    private sealed class Alarm(Action expired) : IAlarm
    {
        public long? Deadline { get; set; }

        public Action Expired => expired;

        // As the event loop's: an earlier one stands.
        public void Set(long deadline) => Deadline = Math.Min(Deadline ?? deadline, deadline);

        public void Cancel() => Deadline = null;
    }
}
