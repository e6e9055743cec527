using Microkernel.Image.Root;

namespace Microkernel.Image.Run;

/// <summary>
/// Modules of Debian's kernel that a machine with disks needs, which the session's /init loads in this order: each behind those that it uses.
/// </summary>
internal static class LinuxModules
{
    /// <summary>Where /init looks for them.</summary>
    private const string Directory = "run/session/modules";

    private const uint Permissions = 0x1A4; // 0644

    private static readonly string[] OfDisks =
    [
        "drivers/virtio/virtio_ring", "drivers/virtio/virtio", "drivers/virtio/virtio_pci_legacy_dev", "drivers/virtio/virtio_pci_modern_dev",
        "drivers/virtio/virtio_pci", "drivers/block/virtio_blk", "lib/crc16", "crypto/crc32c_generic", "lib/libcrc32c", "fs/mbcache", "fs/jbd2/jbd2",
        "fs/ext4/ext4", "drivers/cdrom/cdrom", "fs/isofs/isofs", "fs/fat/fat", "fs/fat/vfat", "fs/nls/nls_cp437",
        "fs/nls/nls_ascii", "fs/nls/nls_iso8859-1", "fs/nls/nls_utf8", "fs/overlayfs/overlay",
    ];

    // nvme-core checks what protects data on some disks, by two checksums.
    private static readonly string[] OfNvme =
    [
        "crypto/crct10dif_common", "lib/crc-t10dif", "lib/crc64", "lib/crc64-rocksoft", "block/t10-pi", "drivers/nvme/host/nvme-core", "drivers/nvme/host/nvme",
    ];

    /// <summary>Adds those to a root that the disks need.</summary>
    /// <exception cref="ImageException">One is missing.</exception>
    public static void Add(RootTree tree, string kernel, IReadOnlyCollection<DiskFile> disks)
    {
        // "…/boot/vmlinuz-6.1.0-57-amd64" has its modules below "…/lib/modules/6.1.0-57-amd64".
        string version = Path.GetFileName(kernel)["vmlinuz-".Length..];
        string modules = Path.Combine(Path.GetDirectoryName(Path.GetDirectoryName(kernel)!)!, "lib/modules", version, "kernel");
        string[] names = [.. OfDisks, .. disks.Any(disk => disk.IsNvme) ? OfNvme : []];
        tree.AddDirectory(Directory);
        for (int number = 0; number < names.Length; number++)
        {
            string file = Path.Combine(modules, names[number] + ".ko");
            if (!File.Exists(file))
                throw new ImageException($"{file} is missing: a machine with disks needs it; fetch it: make linux-kernel");
            tree.AddFile($"{Directory}/{number:00}-{Path.GetFileName(file)}", Permissions, File.ReadAllBytes(file));
        }
    }
}
