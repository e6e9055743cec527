namespace Microkernel.Image.Configuration;

/// <summary>What a machine may have or not, by the words that stand behind <c>with</c> in a server's section.</summary>
public static class MachinePart
{
    /// <summary>A disk of virtio.</summary>
    public const string Disk = "disk";

    /// <summary>A disk of NVMe.</summary>
    public const string Nvme = "nvme";

    /// <summary>All of them.</summary>
    public static IReadOnlyCollection<string> All { get; } = [Disk, Nvme];
}
