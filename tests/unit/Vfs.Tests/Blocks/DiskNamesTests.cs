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
        Assert.Equal(("vda", DeviceNumber.Make(254, 0)), names.Disk(0));
        Assert.Equal(("vdz", DeviceNumber.Make(254, 400)), names.Disk(25));
        Assert.Equal(("vdaa", DeviceNumber.Make(254, 416)), names.Disk(26));
        Assert.Equal(("vdba", DeviceNumber.Make(254, 832)), names.Disk(52));
        Assert.Equal(("vdb15", DeviceNumber.Make(254, 31)), names.Partition(1, names.MostPartitions));
        Assert.Equal("0000:00:03.0/virtio2/block", names.Place(2, "0000:00:03.0"));
    }

    [Fact]
    public void Disks_of_nvme_get_the_lowest_numbers_that_are_free()
    {
        var names = new NvmeNames();
        Assert.Equal(("nvme0n1", Number(0)), names.Disk(0));
        Assert.Equal([("nvme0n1p1", Number(1)), ("nvme0n1p3", Number(2))], [names.Partition(0, 1), names.Partition(0, 3)]);
        Assert.Equal(("nvme1n1", Number(3)), names.Disk(1));
        Assert.Equal(("nvme1n1p1", Number(4)), names.Partition(1, 1));
        Assert.Equal("0000:00:01.0/nvme/nvme1", names.Place(1, "0000:00:01.0"));

        // The table of the first disk is read again, and has one partition more.
        names.Free(Number(2));
        names.Free(Number(1));
        Assert.Equal([("nvme0n1p1", Number(1)), ("nvme0n1p2", Number(2)), ("nvme0n1p3", Number(5))],
            [names.Partition(0, 1), names.Partition(0, 2), names.Partition(0, 3)]);
    }

    [Fact]
    public void Numbers_do_not_run_out_by_reading_tables_again()
    {
        var names = new NvmeNames();
        _ = names.Disk(0);
        for (int round = 0; round < 10_000; round++)
        {
            uint[] given = [.. Enumerable.Range(1, 1 + round % 20).Select(partition => names.Partition(0, partition).Number)];
            Assert.Equal(Enumerable.Range(1, given.Length).Select(static minor => Number((uint)minor)), given);
            foreach (uint number in given)
                names.Free(number);
        }
    }

    private static uint Number(uint minor) => DeviceNumber.Make(259, minor);
}
