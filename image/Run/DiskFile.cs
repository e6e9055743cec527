using Microkernel.Image.Configuration;

namespace Microkernel.Image.Run;

/// <summary>A file that is a disk of the machine.</summary>
/// <param name="Path">The file: the bytes of the disk, as they are.</param>
/// <param name="IsReadOnly">The machine cannot write it.</param>
/// <param name="IsNvme">It is a disk of NVMe, and not of virtio.</param>
public sealed record DiskFile(string Path, bool IsReadOnly, bool IsNvme = false)
{
    private const string ConfinedVirtio = "virtio-blk-pci,disable-legacy=on,iommu_platform=on";
    private const string ReadOnlySuffix = ",ro", NvmeSuffix = ",nvme";

    // A disk has whole sectors.
    private const int SectorLength = 512;

    /// <summary>What is written goes with the run; the file stays as it is.</summary>
    public bool IsTemporary { get; init; }

    /// <summary>It is made if it is not there (<see cref="DefaultDisk"/>).</summary>
    public bool IsDefault { get; init; }

    /// <summary>Files that are further namespaces of the same controller, of a disk of NVMe: numbers 2 and so on.</summary>
    public IReadOnlyList<string> FurtherNamespaces { get; init; } = [];

    /// <summary>What the machine has by it, of <see cref="MachinePart.All"/>.</summary>
    public string Part => IsNvme ? MachinePart.Nvme : MachinePart.Disk;

    /// <summary>Reads FILE, or the word "default", with ",ro" and ",nvme" behind it in any order.</summary>
    /// <exception cref="ImageException">There is no such file, or it is no disk.</exception>
    public static DiskFile Parse(string text)
    {
        bool isReadOnly = false, isNvme = false;
        string name = text;
        for (bool isSuffix = true; isSuffix;)
        {
            isSuffix = TryStrip(ref name, ReadOnlySuffix, ref isReadOnly) || TryStrip(ref name, NvmeSuffix, ref isNvme);
        }

        if (name == DefaultDisk.Name)
            return new DiskFile(DefaultDisk.PathIn(RepositoryLayout.Find()), isReadOnly, isNvme) { IsDefault = true };
        string path = System.IO.Path.GetFullPath(name);
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new ImageException($"DISK={text}: there is no file {path}");
        return file.Length > 0 && file.Length % SectorLength == 0
            ? new DiskFile(path, isReadOnly, isNvme)
            : throw new ImageException($"DISK={text}: a disk has whole sectors of {SectorLength} bytes, and {path} has {file.Length} bytes");
    }

    /// <summary>What QEMU needs for it.</summary>
    /// <param name="number">Its place among the disks.</param>
    /// <param name="isConfined">It goes through the machine's IOMMU, which a disk of virtio does when it is told to (and is not transitional).</param>
    public IEnumerable<string> Arguments(int number, bool isConfined) =>
    [
        "-drive", $"file={QemuPorts.Escape(Path)},if=none,id=disk{number},format=raw,discard=unmap,readonly={(IsReadOnly ? "on" : "off")}{Snapshot}",
        .. FurtherNamespaces.Count > 0 ? Controller(number) : Single(number, isConfined),
    ];

    private IEnumerable<string> Single(int number, bool isConfined) =>
    [
        "-device", $"{(IsNvme ? "nvme" : isConfined ? ConfinedVirtio : "virtio-blk-pci")},drive=disk{number},serial=disk{number}",
    ];

    private IEnumerable<string> Controller(int number)
    {
        List<string> arguments =
            ["-device", $"nvme,id=nvme{number},serial=disk{number}", "-device", $"nvme-ns,drive=disk{number},bus=nvme{number},nsid=1"];
        for (int space = 2; space < FurtherNamespaces.Count + 2; space++)
        {
            string drive = $"disk{number}n{space}";
            arguments.AddRange(
            [
                "-drive", $"file={QemuPorts.Escape(FurtherNamespaces[space - 2])},if=none,id={drive},format=raw,discard=unmap",
                "-device", $"nvme-ns,drive={drive},bus=nvme{number},nsid={space}",
            ]);
        }

        return arguments;
    }

    private string Snapshot => IsTemporary ? ",snapshot=on" : "";

    // Each stands there once at most: "disk,ro,ro" is the read-only file "disk,ro".
    private static bool TryStrip(ref string name, string suffix, ref bool isThere)
    {
        if (isThere || !name.EndsWith(suffix, StringComparison.Ordinal))
            return false;
        (name, isThere) = (name[..^suffix.Length], true);
        return true;
    }
}
