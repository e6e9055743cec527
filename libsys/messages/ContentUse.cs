namespace Libsys.Messages;

/// <summary>What a stretch of a file in the window is for (<see cref="VfsOperation.MapContent"/>). Each gives what those before it give.</summary>
public enum ContentUse
{
    /// <summary>To be read there, and nothing else for ever.</summary>
    Read = 0,
    /// <summary>To be mapped again elsewhere, privately.</summary>
    Private = 1,
    /// <summary>To be mapped again elsewhere, also shared: as mmap(2) of the description with MAP_SHARED and PROT_READ gives it.</summary>
    Shared = 2,
}
