using Libsys.Abi;
using Libsys.Messages;
using Servers.Vfs.Objects;
using Servers.Vfs.Tests.Ext4;

namespace Servers.Vfs.Tests.Blocks;

/// <summary>What is written to the node of a block device, and when it is on the disk.</summary>
public sealed class BlockSyncTests
{
    private const int Length = 64 << 10;

    private readonly byte[] bytes = new byte[Length];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Sync_writes_what_is_dirty_of_open_devices(bool hasCache)
    {
        var system = new Ext4System(bytes, hasWriteCache: hasCache);
        long handle = system.Client.Open("/disk", OpenFlags.ReadWrite);
        Assert.Equal(3, system.Client.Write(handle, [1, 2, 3], 40_000));
        Assert.Equal(0, system.Disk.Writes);
        Assert.Equal(0, system.Client.Call(VfsOperation.Sync, a0: ulong.MaxValue));
        Assert.Equal([0, 1, 2, 3, 0], bytes[39_999..40_004]);
        Assert.Equal(hasCache ? 1 : 0, system.Disk.Flushes);
        Assert.Equal(system.Disk.Writes, system.Disk.WritesBeforeFlush);
    }
}
