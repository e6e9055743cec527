namespace Servers.Vfs.Pages;

/// <summary>Pages that are there for good and never change: the boot archive, the root image. They are read and mapped where they lie.</summary>
public interface IFileImage
{
    /// <summary>Bytes of it. Each file begins on a page, and is zero from its end to the end of its last page.</summary>
    ReadOnlySpan<byte> Bytes(long offset, int length);
}
