using System.Globalization;
using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>Room for files: made, cut and given back.</summary>
public sealed class Ext4SpaceTests
{
    private const uint ReadWrite = 0;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_in_many_pieces_is_cut_and_freed_in_many_changes(bool isRemoved)
    {
        // Half of all blocks, each a piece of its own.
        const int pieces = 900, step = 2 * 4096;
        var system = new Ext4System(HostTools.MakeImage("-t ext4 -b 4096", 32768), 5, slots: 600);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        long handle = system.Client.Open("/m/f", OpenFlags.Create | OpenFlags.ReadWrite);
        for (int piece = 0; piece < pieces; piece++)
            Assert.Equal(1, system.Client.Write(handle, [7], (long)piece * step));
        Assert.Equal(0, system.Client.Call(VfsOperation.Sync, a0: (ulong)handle, a1: 0));
        Assert.Equal(0, system.Client.StatHandle(handle, out TestStat full));
        Assert.True(full.Blocks >= pieces * 8, full.Blocks.ToString(CultureInfo.InvariantCulture));
        if (isRemoved)
        {
            Assert.Equal(0, system.Client.Unlink("/m/f"));
        }
        else
        {
            Assert.Equal(0, system.Client.Truncate(handle, 3));
            // Longer again at once: nothing of what was cut may be seen.
            Assert.Equal(0, system.Client.Truncate(handle, pieces * step));
            Assert.Equal(4096, system.Client.Read(handle, 4096, out byte[] bytes, 10 * step));
            Assert.Equal(new byte[4096], bytes);
            Assert.Equal(0, system.Client.StatHandle(handle, out TestStat cut));
            Assert.InRange(cut.Blocks, 8, 24);
        }

        Assert.Equal(0, system.Client.Close(handle));
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
        Assert.Empty(system.Log);
    }

    [Fact]
    public void Room_is_made_before_it_is_written_and_ranges_become_zeros()
    {
        const ulong keep = (ulong)AllocateMode.KeepSize, zero = (ulong)AllocateMode.ZeroRange, punch = (ulong)AllocateMode.PunchHole | keep;
        var system = new Ext4System(HostTools.MakeImage("-t ext4 -b 1024", 16384), 6);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        long handle = system.Client.Open("/m/f", OpenFlags.Create | OpenFlags.ReadWrite);
        long Allocate(ulong mode, ulong from, ulong length) => system.Client.Call(VfsOperation.Allocate, a0: (ulong)handle, a1: mode, a2: from, a3: length);
        Assert.Equal(0, Allocate(keep, 0, 100_000));
        Assert.Equal(0, system.Client.StatHandle(handle, out TestStat stat));
        Assert.Equal((0, 98 * 2), (stat.Size, stat.Blocks));
        Assert.Equal(0, Allocate(0, 0, 50_000));
        byte[] ones = Enumerable.Repeat((byte)1, 50_000).ToArray();
        Assert.Equal(50_000, system.Client.Write(handle, ones, 0));
        Assert.Equal(0, Allocate(zero, 10_001, 20_000));
        Assert.Equal(0, Allocate(punch, 40_001, 5_000));
        Assert.Equal(-(long)Errno.EOPNOTSUPP, Allocate(0x80, 0, 4096));
        ones.AsSpan(10_001, 20_000).Clear();
        ones.AsSpan(40_001, 5_000).Clear();
        Assert.Equal(ones, system.ReadAll("/m/f"));
        // Data that has no blocks yet is data.
        Assert.Equal(-(long)Errno.ENXIO, system.Client.Seek(handle, 60_000, 3));
        Assert.Equal(3, system.Client.Write(handle, ones.AsSpan(0, 3), 70_000));
        Assert.InRange(system.Client.Seek(handle, 60_000, 3), 69_632, 70_000);
        Assert.Equal(0, system.Client.Close(handle));
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
        Assert.Equal(0, system.Mount());
        Assert.Equal(ones, system.ReadAll("/m/f")[..50_000]);
    }
}
