using Servers.Vfs.Devices;
using Servers.Vfs.Hosting.Disks;

namespace Servers.Vfs.Tests.Blocks;

/// <summary>Names and numbers of disks, by drivers.</summary>
public sealed class DiskNamesTests
{
    [Fact]
    public void Disks_of_virtio_have_letters_and_numbers_of_their_own()
    {
        var names = new VirtioNames();
        Assert.Equal(("vda", DeviceNumber.Make(254, 0)), names.Disk(new DiskPosition(0, 1)));
        Assert.Equal(("vdz", DeviceNumber.Make(254, 400)), names.Disk(new DiskPosition(25, 1)));
        Assert.Equal(("vdaa", DeviceNumber.Make(254, 416)), names.Disk(new DiskPosition(26, 1)));
        Assert.Equal(("vdba", DeviceNumber.Make(254, 832)), names.Disk(new DiskPosition(52, 1)));
        Assert.Equal(("vdb15", DeviceNumber.Make(254, 31)), names.Partition(new DiskPosition(1, 1), names.MostPartitions));
        Assert.Equal("0000:00:03.0/virtio2/block", names.Place(new DiskPosition(2, 1), "0000:00:03.0"));
    }

    [Fact]
    public void Disks_of_nvme_get_the_lowest_numbers_that_are_free()
    {
        var names = new NvmeNames();
        Assert.Equal(("nvme0n1", Number(0)), names.Disk(new DiskPosition(0, 1)));
        Assert.Equal(
            [("nvme0n1p1", Number(1)), ("nvme0n1p3", Number(2))],
            [names.Partition(new DiskPosition(0, 1), 1), names.Partition(new DiskPosition(0, 1), 3)]);
        Assert.Equal(("nvme1n1", Number(3)), names.Disk(new DiskPosition(1, 1)));
        Assert.Equal(("nvme1n2", Number(4)), names.Disk(new DiskPosition(1, 2)));
        Assert.Equal(("nvme1n2p7", Number(5)), names.Partition(new DiskPosition(1, 2), 7));
        Assert.Equal(("nvme1n1p1", Number(6)), names.Partition(new DiskPosition(1, 1), 1));
        Assert.Equal("0000:00:01.0/nvme/nvme1", names.Place(new DiskPosition(1, 2), "0000:00:01.0"));

        // The table of the first disk is read again, and has one partition more.
        names.Free(Number(2));
        names.Free(Number(1));
        Assert.Equal([("nvme0n1p1", Number(1)), ("nvme0n1p2", Number(2)), ("nvme0n1p3", Number(7))],
            [names.Partition(new DiskPosition(0, 1), 1), names.Partition(new DiskPosition(0, 1), 2), names.Partition(new DiskPosition(0, 1), 3)]);
    }

    [Fact]
    public void Numbers_do_not_run_out_by_reading_tables_again()
    {
        var names = new NvmeNames();
        _ = names.Disk(new DiskPosition(0, 1));
        for (int round = 0; round < 10_000; round++)
        {
            uint[] given = [.. Enumerable.Range(1, 1 + round % 20).Select(partition => names.Partition(new DiskPosition(0, 1), partition).Number)];
            Assert.Equal(Enumerable.Range(1, given.Length).Select(static minor => Number((uint)minor)), given);
            foreach (uint number in given)
                names.Free(number);
        }
    }

    private static uint Number(uint minor) => DeviceNumber.Make(259, minor);
}
