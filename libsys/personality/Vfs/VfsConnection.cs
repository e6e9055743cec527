namespace Libsys.Personality;

/// <summary>The client's side of the connection to vfs. Owned by the files part.</summary>
internal unsafe struct VfsConnection
{
    /// <summary>Guards the rings.</summary>
    public PersonalityLock Lock;
}
