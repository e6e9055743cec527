using System.Text;

namespace Microkernel.Image.Root;

/// <summary>
/// The bytes of a file or the target of a symbolic link: in memory, or a range of a file of the build machine, so that a tree of a gigabyte is never
/// in memory as a whole.
/// </summary>
public readonly struct RootContent
{
    // Large enough that the calls cost nothing beside the copying.
    private const int CopyLength = 1 << 20;

    private readonly ReadOnlyMemory<byte> bytes;

    private RootContent(ReadOnlyMemory<byte> bytes, string? file, long offset, long length)
    {
        this.bytes = bytes;
        File = file;
        Offset = offset;
        Length = length;
    }

    /// <summary>The file of the build machine, or null.</summary>
    public string? File { get; }

    /// <summary>Where the content starts in <see cref="File"/>.</summary>
    public long Offset { get; }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>True without any.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>Content in memory.</summary>
    public static implicit operator RootContent(ReadOnlyMemory<byte> bytes) => new(bytes, null, 0, bytes.Length);

    /// <summary>Content in memory.</summary>
    public static implicit operator RootContent(byte[] bytes) => new(bytes, null, 0, bytes.Length);

    /// <summary>A range of a file.</summary>
    public static RootContent Range(string file, long offset, long length) => new(default, file, offset, length);

    /// <summary>All bytes, for what is small.</summary>
    /// <exception cref="ImageException">The file has changed or cannot be read.</exception>
    public byte[] ToArray()
    {
        using var copy = new MemoryStream(checked((int)Length));
        CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>All bytes as UTF-8 text.</summary>
    public string Text => Encoding.UTF8.GetString(ToArray());

    /// <summary>Writes all bytes.</summary>
    /// <exception cref="ImageException">The file has changed or cannot be read.</exception>
    public void CopyTo(Stream target)
    {
        if (File is null)
        {
            target.Write(bytes.Span);
            return;
        }

        try
        {
            using var source = new FileStream(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            source.Position = Offset;
            byte[] buffer = new byte[(int)Math.Min(Length, CopyLength)];
            for (long left = Length; left > 0;)
            {
                int count = source.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
                if (count == 0)
                    throw new ImageException($"{File} has become shorter while it was read");
                target.WriteSparse(buffer.AsSpan(0, count));
                left -= count;
            }
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new ImageException($"{File} cannot be read: {error.Message}");
        }
    }
}
