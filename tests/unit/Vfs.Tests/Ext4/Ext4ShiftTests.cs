using Libsys.Linux;
using Libsys.Messages;
using Servers.Vfs.Objects;

namespace Servers.Vfs.Tests.Ext4;

/// <summary>FALLOC_FL_COLLAPSE_RANGE and FALLOC_FL_INSERT_RANGE, fallocate(2).</summary>
public sealed class Ext4ShiftTests
{
    private const uint ReadWrite = 0;
    private const AllocateMode Punch = AllocateMode.PunchHole | AllocateMode.KeepSize;

    /// <summary>Bytes go where a list of bytes has them, through mounts, with what is written, cut and made in between; e2fsck finds nothing.</summary>
    [Theory]
    [InlineData(1024, 1)]
    [InlineData(4096, 2)]
    [InlineData(2048, 3)]
    public void Bytes_move_as_in_a_list(int block, int seed)
    {
        var random = new Random(seed);
        var system = new Ext4System(HostTools.MakeImage($"-t ext4 -b {block}"), seed);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        long handle = system.Client.Open("/m/f", OpenFlags.Create | OpenFlags.ReadWrite);
        var model = new List<byte>();
        int shifted = 0;
        for (int step = 0; step < 400; step++)
        {
            int offset = random.Next(model.Count / block + 2) * block, length = random.Next(1, 12) * block;
            switch (random.Next(5))
            {
                case 0:
                    bool goes = offset + length < model.Count;
                    Assert.Equal(goes ? 0 : -(long)Errno.EINVAL, Allocate(AllocateMode.CollapseRange, offset, length));
                    if (goes)
                        model.RemoveRange(offset, length);
                    shifted += goes ? 1 : 0;
                    break;
                case 1 when model.Count < 400_000:
                    bool fits = offset < model.Count;
                    Assert.Equal(fits ? 0 : -(long)Errno.EINVAL, Allocate(AllocateMode.InsertRange, offset, length));
                    if (fits)
                        model.InsertRange(offset, new byte[length]);
                    shifted += fits ? 1 : 0;
                    break;
                case 2 when random.Next(3) == 0:
                    Assert.Equal(0, Allocate(random.Next(2) == 0 ? Punch : AllocateMode.ZeroRange | AllocateMode.KeepSize, offset, length));
                    for (int at = offset; at < Math.Min(offset + length, model.Count); at++)
                        model[at] = 0;
                    break;
                case 3 when random.Next(4) == 0:
                    int cut = random.Next(model.Count + 5000);
                    Assert.Equal(0, system.Client.Truncate(handle, cut));
                    if (cut < model.Count)
                        model.RemoveRange(cut, model.Count - cut);
                    else
                        model.AddRange(new byte[cut - model.Count]);
                    break;
                default:
                    byte[] bytes = new byte[random.Next(1, 9000)];
                    random.NextBytes(bytes);
                    int from = random.Next(Math.Min(model.Count + 3000, 300_000));
                    Assert.Equal(bytes.Length, system.Client.Write(handle, bytes, from));
                    if (from + bytes.Length > model.Count)
                        model.AddRange(new byte[from + bytes.Length - model.Count]);
                    for (int at = 0; at < bytes.Length; at++)
                        model[from + at] = bytes[at];
                    break;
            }

            Assert.Equal(0, system.Client.StatHandle(handle, out TestStat stat));
            Assert.Equal(model.Count, stat.Size);
            if (step % 100 == 99)
            {
                Assert.Equal(0, system.Client.Close(handle));
                Assert.Equal(0, system.Unmount());
                Assert.Equal("", HostTools.Check(system.Disk.Bytes));
                Assert.Equal(0, system.Mount(flags: ReadWrite));
                handle = system.Client.Open("/m/f", OpenFlags.ReadWrite);
            }

            if (step % 7 == 0 || step % 100 == 99)
                Assert.Equal([.. model], system.ReadAll("/m/f"));
        }

        Assert.True(shifted > 60, $"{shifted}");
        Assert.Empty(system.Log);

        long Allocate(AllocateMode mode, int from, int count) =>
            system.Client.Call(VfsOperation.Allocate, a0: (ulong)handle, a1: (ulong)mode, a2: (ulong)from, a3: (ulong)count);
    }

    [Fact]
    public void What_cannot_be_shifted_is_the_error_that_Linux_gives_and_nothing_happens()
    {
        var system = new Ext4System(HostTools.MakeImage("-t ext4 -b 4096", 32768), 5, slots: 600);
        Assert.Equal(0, system.Mount(flags: ReadWrite));
        long handle = system.Client.Open("/m/f", OpenFlags.Create | OpenFlags.ReadWrite);
        byte[] bytes = Enumerable.Range(0, 12_000).Select(static number => (byte)number).ToArray();
        Assert.Equal(12_000, system.Client.Write(handle, bytes));
        (AllocateMode Mode, ulong Offset, ulong Length, Errno Error)[] wrong =
        [
            (AllocateMode.CollapseRange, 1, 4096, Errno.EINVAL), (AllocateMode.CollapseRange, 0, 4095, Errno.EINVAL),
            (AllocateMode.CollapseRange, 4096, 8192, Errno.EINVAL), (AllocateMode.CollapseRange | AllocateMode.KeepSize, 0, 4096, Errno.EINVAL),
            (AllocateMode.InsertRange, 2, 4096, Errno.EINVAL), (AllocateMode.InsertRange, 12_288, 4096, Errno.EINVAL),
            (AllocateMode.InsertRange | AllocateMode.CollapseRange, 0, 4096, Errno.EINVAL), (AllocateMode.InsertRange, 0, 1ul << 44, Errno.EFBIG),
            (AllocateMode.InsertRange | AllocateMode.ZeroRange, 0, 4096, Errno.EINVAL), ((AllocateMode)0x80, 0, 4096, Errno.EOPNOTSUPP),
        ];
        foreach ((AllocateMode mode, ulong offset, ulong length, Errno error) in wrong)
            Assert.Equal(-(long)error, system.Client.Call(VfsOperation.Allocate, a0: (ulong)handle, a1: (ulong)mode, a2: offset, a3: length));
        Assert.Equal(bytes, system.ReadAll("/m/f"));
        Assert.Equal(0, system.Client.Close(handle));
        Assert.Equal(0, system.Unmount());
        Assert.Equal("", HostTools.Check(system.Disk.Bytes));
    }
}
