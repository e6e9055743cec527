namespace Microkernel.Image.Run;

/// <summary>A file that is a disk of the machine.</summary>
/// <param name="Path">The file: the bytes of the disk, as they are.</param>
/// <param name="IsReadOnly">The machine cannot write it.</param>
public sealed record DiskFile(string Path, bool IsReadOnly)
{
    private const string ReadOnlySuffix = ",ro";

    // A disk has whole sectors.
    private const int SectorLength = 512;

    /// <summary>Reads FILE or FILE,ro.</summary>
    /// <exception cref="ImageException">There is no such file, or it is no disk.</exception>
    public static DiskFile Parse(string text)
    {
        bool isReadOnly = text.EndsWith(ReadOnlySuffix, StringComparison.Ordinal);
        string path = System.IO.Path.GetFullPath(isReadOnly ? text[..^ReadOnlySuffix.Length] : text);
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new ImageException($"DISK={text}: there is no file {path}");
        return file.Length > 0 && file.Length % SectorLength == 0
            ? new DiskFile(path, isReadOnly)
            : throw new ImageException($"DISK={text}: a disk has whole sectors of {SectorLength} bytes, and {path} has {file.Length} bytes");
    }

    /// <summary>What QEMU needs for it.</summary>
    /// <param name="number">Its place among the disks.</param>
    public IEnumerable<string> Arguments(int number) =>
    [
        "-drive", $"file={QemuPorts.Escape(Path)},if=none,id=disk{number},format=raw,discard=unmap,readonly={(IsReadOnly ? "on" : "off")}",
        "-device", $"virtio-blk-pci,drive=disk{number},serial=disk{number}",
    ];
}
