namespace Microkernel.Image.Root;

/// <summary>Leaves holes where zeros would be written, so that a sparse file of a root takes no room on the build machine either.</summary>
internal static class SparseWriting
{
    /// <summary>Writes bytes at the position of a file, or makes it longer by as many zeros.</summary>
    public static void WriteSparse(this Stream file, ReadOnlySpan<byte> bytes)
    {
        if (!file.CanSeek || bytes.ContainsAnyExcept((byte)0))
        {
            file.Write(bytes);
            return;
        }

        long end = file.Position + bytes.Length;
        if (end > file.Length)
            file.SetLength(end);
        file.Position = end;
    }
}
