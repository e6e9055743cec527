using Libsys.Messages;
using Libsys.Rings;

namespace Libsys.Hosting.Programs;

/// <summary>A program's rings, for its requests' payload and answers.</summary>
public interface IProgramChannel
{
    /// <summary>Answers a request.</summary>
    void Complete(ulong tag, long result);

    /// <summary>The payload that a request named; false if it is not inside a pool.</summary>
    bool TryPayload(in Submission submission, out Span<byte> payload);
}

/// <summary>The connection of a program's space: its rings, and the handles that were shown there.</summary>
/// <param name="id">Number that the process server gave it, here and at vfs.</param>
/// <param name="channel">Its rings.</param>
public sealed class ProgramConnection(ulong id, IProgramChannel channel)
{
    private readonly Dictionary<ulong, (ulong Grant, ProgramFile File)> shown = [];

    /// <summary>Its number.</summary>
    public ulong Id => id;

    /// <summary>Its rings.</summary>
    internal IProgramChannel Channel => channel;

    /// <summary>
    /// What a handle of a process slot means, as long as vfs has not closed it. Slots share their memory and so have no secrets from each other.
    /// </summary>
    internal ProgramFile? Find(GrantView grants, uint slot, ulong handle)
    {
        if (handle > uint.MaxValue || !shown.TryGetValue(Key(slot, handle), out (ulong Grant, ProgramFile File) entry))
            return null;
        if (grants.IsGranted(entry.Grant))
            return entry.File;
        shown.Remove(Key(slot, handle));
        return null;
    }

    /// <summary>A grant was shown.</summary>
    internal void Show(GrantView grants, uint slot, ulong handle, ulong grant, ProgramFile file)
    {
        // Of handles that were closed and not used after that nobody hears; what is in the table of grants is bounded.
        if (shown.Count >= GrantTable.Entries)
        {
            foreach ((ulong key, (ulong Grant, ProgramFile File) entry) in shown)
            {
                if (!grants.IsGranted(entry.Grant))
                    shown.Remove(key);
            }
        }

        shown[Key(slot, handle)] = (grant, file);
    }

    /// <summary>Nothing that was shown counts any more.</summary>
    internal void Forget() => shown.Clear();

    private static ulong Key(uint slot, ulong handle) => (ulong)slot << 32 | handle;
}
