namespace Libsys.Personality;

/// <summary>Interval timers of a process.</summary>
internal unsafe struct ProcessTimers
{
    /// <summary>Guards the timers.</summary>
    public PersonalityLock Lock;
}
