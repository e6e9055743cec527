using Servers.Vfs.Objects;

namespace Servers.Vfs.Names;

/// <summary>Spells a location as a path, as getcwd(2) and /proc/PID/fd do.</summary>
public static class PathText
{
    /// <summary>
    /// Writes the path into <paramref name="buffer"/>, as seen from <paramref name="root"/>, and returns its length; −1 if it does not fit. A
    /// removed name gets " (deleted)", a place outside the root "(unreachable)", as Linux has it.
    /// </summary>
    public static int Write(Location location, Location root, Span<byte> buffer)
    {
        if (location.Mount.IsHidden)
            return WriteHidden(location.Dentry, buffer);
        bool removed = location.Dentry.IsRemoved;
        int start = buffer.Length;
        if (removed)
            start = Prepend(buffer, start, " (deleted)"u8);
        int end = start;
        while (start >= 0 && location != root)
        {
            location = MountTree.Ascend(location);
            if (location == root)
                break;
            if (location.Dentry.Parent == null)
            {
                if (!ReferenceEquals(location.Mount, root.Mount))
                    start = Prepend(buffer, start, "(unreachable)"u8);
                break;
            }

            start = Prepend(buffer, start, location.Dentry.Name);
            start = Prepend(buffer, start, "/"u8);
            location = new Location(location.Mount, location.Dentry.Parent);
        }

        if (start == end)
            start = Prepend(buffer, start, "/"u8);
        if (start < 0)
            return -1;
        buffer[start..].CopyTo(buffer);
        return buffer.Length - start;
    }

    /// <summary>The path as a new array, for the rare callers that keep it.</summary>
    public static byte[] Of(Location location, Location root)
    {
        Span<byte> buffer = stackalloc byte[2 * (Libsys.Messages.VfsLimits.PathLimit + 1)];
        int length = Write(location, root, buffer);
        return length < 0 ? [] : buffer[..length].ToArray();
    }

    private static int WriteHidden(Dentry dentry, Span<byte> buffer)
    {
        int start = Prepend(buffer, buffer.Length, dentry.IsRemoved ? " (deleted)"u8 : default);
        start = Prepend(buffer, start, dentry.Name);
        start = Prepend(buffer, start, dentry.IsRemoved ? "/"u8 : default);
        if (start < 0)
            return -1;
        buffer[start..].CopyTo(buffer);
        return buffer.Length - start;
    }

    private static int Prepend(Span<byte> buffer, int start, ReadOnlySpan<byte> text)
    {
        if (start < text.Length)
            return -1;
        start -= text.Length;
        text.CopyTo(buffer[start..]);
        return start;
    }
}
