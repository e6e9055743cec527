namespace Microkernel.Image;

/// <summary>Writes a build product only when its content changes, so that what is built from it stays up to date.</summary>
internal static class UpToDateFile
{
    /// <summary>Returns whether the file was written.</summary>
    public static bool Write(string path, ReadOnlySpan<byte> contents)
    {
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(contents))
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllBytes(path, contents);
        return true;
    }
}
