namespace Libsys.Personality;

/// <summary>State of the random generator.</summary>
internal unsafe struct RandomState
{
    /// <summary>Guards the state.</summary>
    public PersonalityLock Lock;
}
