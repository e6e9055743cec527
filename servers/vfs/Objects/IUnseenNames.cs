namespace Servers.Vfs.Objects;

/// <summary>A directory in memory of which names may be changed by calls that are not waited for (docs/posted-names.md).</summary>
internal interface IUnseenNames
{
    /// <summary>Who has changed its names, as far as that counts for a permit.</summary>
    ref NameChanges Changes { get; }

    /// <summary>It has no names.</summary>
    bool IsEmpty { get; }

    /// <summary>Its file system has room for all that could be made without a request, so that none of it can fail.</summary>
    bool HasRoomForPosted { get; }

    /// <summary>What is called when that is so no more.</summary>
    Action? RoomIsShort { set; }

    /// <summary>Sets aside what so many writes of a page need, to files that are made later. False: there is not enough.</summary>
    bool TryPromise(int writes);

    /// <summary>So many of them are about to be made, and cannot fail then; or will not be made.</summary>
    void Keep(int writes);

    /// <summary>Wall time now.</summary>
    long Now { get; }

    /// <summary>What is changed next is changed at a time that a program tells, within bounds; null: now again.</summary>
    long? Told { set; }
}
