namespace Servers.Vfs.Requests;

/// <summary>Whether vfs' own heap has room for what clients want it to keep. Each kind of thing has a bound; this is about all of them together.</summary>
public interface IHeapRoom
{
    /// <summary>True if there is. Privileged ones have a little more, so that they can put things right.</summary>
    bool Has(bool isPrivileged);
}
