using System.Text;
using Servers.Vfs.Sys;

namespace Servers.Vfs.Tests;

/// <summary>The lines of one server in the kernel's log.</summary>
public sealed class ServerLogTests
{
    private const string Records =
        "<6>[    0.100000] kernel: boot\n<6>[    0.200000] nvme: 1 disks\n<6>[    0.300000] nvme/2: 1 disks\n<6>[    0.400000] supervisor: nvme/2 is ready\n" +
        "<6>[    0.500000] supervisor: nvme: process 5 left 13 frames\n<6>[    0.600000] supervisor: nvme2 is ready\n<6>[    0.700000] nvme2: nvme: 3\n" +
        "<6>[    0.800000] pci: nvme failed\n<6>[    0.900000] supervisor: nvme failed: x > y ] z\n";

    [Fact]
    public void It_has_the_lines_of_a_server_and_those_of_the_supervisor_about_it() =>
        Assert.Equal(
            "[    0.200000] nvme: 1 disks\n[    0.300000] nvme/2: 1 disks\n[    0.400000] supervisor: nvme/2 is ready\n" +
            "[    0.500000] supervisor: nvme: process 5 left 13 frames\n[    0.900000] supervisor: nvme failed: x > y ] z\n",
            Encoding.UTF8.GetString(ServerLog.Of("nvme", Encoding.UTF8.GetBytes(Records))));

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("<6>")]
    [InlineData("nvme")]
    [InlineData("<6>] nvme")]
    public void Lines_that_are_none_are_left_out(string records) => Assert.Empty(ServerLog.Of("nvme", Encoding.UTF8.GetBytes(records)));
}
