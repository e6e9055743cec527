using MessagePack;

namespace Libsys.Hosting.Manifest;

/// <summary>What the supervisor does when a server ends.</summary>
public enum RestartMode
{
    /// <summary>Nothing; its clients get errors from then on.</summary>
    Never = 0,

    /// <summary>Start it again, unless it ends too often.</summary>
    Always = 1,

    /// <summary>End the machine: nothing works without it.</summary>
    PowerOff = 2,

    /// <summary>
    /// Programs cannot outlive it: all servers of this mode and all programs end, then the servers start again and a fresh session begins, unless that happens
    /// too often.
    /// </summary>
    Session = 3,
}

/// <summary>When a server is started again.</summary>
/// <param name="Mode">What to do.</param>
/// <param name="MostRestarts">For <see cref="RestartMode.Always"/> and <see cref="RestartMode.Session"/>: after this many failures within the window it stays
/// down.</param>
/// <param name="WindowSeconds">Length of the window.</param>
public sealed record RestartPolicy(RestartMode Mode, int MostRestarts, int WindowSeconds)
{
    internal void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(3);
        writer.Write((int)Mode);
        writer.Write(MostRestarts);
        writer.Write(WindowSeconds);
    }

    internal static RestartPolicy Read(ref MessagePackReader reader)
    {
        ManifestFormat.ExpectArray(ref reader, 3, "restart policy");
        return new RestartPolicy(
            (RestartMode)ManifestFormat.ReadInt32(ref reader, (int)RestartMode.Never, (int)RestartMode.Session, "restart mode"),
            ManifestFormat.ReadInt32(ref reader, 0, int.MaxValue, "restarts"),
            ManifestFormat.ReadInt32(ref reader, 0, int.MaxValue, "restart window"));
    }
}
