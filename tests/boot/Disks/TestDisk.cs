using System.Security.Cryptography;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>Which driver a disk has.</summary>
public enum DiskKind
{
    /// <summary>virtio-blk.</summary>
    Virtio,

    /// <summary>nvme.</summary>
    Nvme,
}

/// <summary>A file that is a disk, for the time of a test.</summary>
public sealed class TestDisk : IDisposable
{
    /// <summary>A disk of so many bytes, from random bytes that a seed gives.</summary>
    public TestDisk(long length, int seed)
    {
        FilePath = Path.GetTempFileName();
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        File.WriteAllBytes(FilePath, bytes);
    }

    /// <summary>Where it is.</summary>
    public string FilePath { get; }

    /// <summary>A number for all its bytes.</summary>
    public string Hash => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(FilePath)));

    /// <summary>As the machine gets it.</summary>
    public DiskFile Attached(DiskKind kind, bool isReadOnly = false) => new(FilePath, isReadOnly, kind == DiskKind.Nvme);

    /// <inheritdoc/>
    public void Dispose() => File.Delete(FilePath);
}
