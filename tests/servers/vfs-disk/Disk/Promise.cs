namespace Servers.DiskVfs.Disk;

/// <summary>What vfs owes a file system, and the other way round: this one looks. A promise that is broken ends the test, or the server.</summary>
internal static class Promise
{
    /// <summary>Ends all if it does not hold.</summary>
    /// <exception cref="InvalidOperationException">It does not.</exception>
    public static void Keep(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }
}
