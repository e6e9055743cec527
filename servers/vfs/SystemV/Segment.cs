using Servers.Vfs.Objects;
using Servers.Vfs.Pages;

namespace Servers.Vfs.SystemV;

/// <summary>A segment of shared memory: a file without a name, and what shmctl(2) tells of it. Who maps it is known to the kernel, and asked there.</summary>
public sealed class Segment : SystemVObject
{
    /// <summary>A new one; <paramref name="content"/> is as long as its pages.</summary>
    public Segment(Permission permission, ulong size, CachedFile content, uint creator, long now)
        : base(permission)
    {
        Size = size;
        Content = content;
        Creator = creator;
        ChangeTime = now;
    }

    /// <summary>Bytes, as they were asked for.</summary>
    public ulong Size { get; }

    /// <summary>The pages.</summary>
    public CachedFile Content { get; }

    /// <summary>Its pages, whether they have been touched or not.</summary>
    public long Pages => CachedFile.Pages((long)Size);

    /// <summary>Process that made it.</summary>
    public uint Creator { get; }

    /// <summary>Process that attached or detached it last; 0: none.</summary>
    public uint Last { get; private set; }

    /// <summary>When somebody attached it last, nanoseconds since 1970; 0: nobody.</summary>
    public long AttachTime { get; private set; }

    /// <summary>When somebody detached it last.</summary>
    public long DetachTime { get; private set; }

    /// <summary>When owner or mode changed last.</summary>
    public long ChangeTime { get; internal set; }

    /// <summary>Mappings, when they were counted last.</summary>
    public long Attached { get; private set; }

    /// <summary>It goes with its last mapping.</summary>
    public bool IsRemoved => (Permission.Mode & SegmentNumbers.Destroyed) != 0;

    /// <summary>Where it is called something, for /proc/PID/maps.</summary>
    public Location Name
    {
        get;
        internal set => (field, HasName) = (value, true);
    }

    /// <summary>It has been named.</summary>
    public bool HasName { get; private set; }

    /// <summary>
    /// Counts the mappings anew. More or fewer than before: somebody has attached or detached it now, by what is known; process <paramref name="by"/>, if
    /// that is not 0.
    /// </summary>
    public void Look(long now, uint by)
    {
        long count = Content.CountMappings();
        if (count == Attached)
            return;
        if (count > Attached)
            AttachTime = now;
        else
            DetachTime = now;
        Attached = count;
        if (by != 0)
            Last = by;
    }
}
