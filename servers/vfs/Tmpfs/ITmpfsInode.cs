namespace Servers.Vfs.Tmpfs;

/// <summary>An inode whose memory goes when the last name and the last open description are gone.</summary>
internal interface ITmpfsInode
{
    /// <summary>A name was removed: frees what it holds unless it is still open or named.</summary>
    void FreeIfUnused();
}
