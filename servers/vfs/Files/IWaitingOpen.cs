namespace Servers.Vfs.Files;

/// <summary>A description whose open(2) may have to wait for somebody else.</summary>
public interface IWaitingOpen
{
    /// <summary>True while open(2) may not return yet.</summary>
    bool MustWait { get; }
}
