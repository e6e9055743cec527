namespace Microkernel.Boot.Tests.Busybox;

/// <summary>Much data through pipes and files.</summary>
[Trait("Stage", "6")]
public sealed class BulkDataTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task A_quarter_gigabyte_through_a_pipe(int cpus) =>
        LinuxOracle.SameAsLinux("dd if=/dev/zero bs=1M count=256 2>/dev/null | sha256sum", cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Sorting_100000_lines(int cpus) =>
        LinuxOracle.SameAsLinux(
            "seq 1 100000 | awk '{ print ($1 * 7919) % 100003, $1 }' >/tmp/lines; sort -n /tmp/lines >/tmp/sorted; wc -l /tmp/sorted; head -3 /tmp/sorted; " +
            "sort /tmp/lines | sha256sum",
            cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Compressing_and_back(int cpus) =>
        LinuxOracle.SameAsLinux("seq 1 20000 | gzip | tee /tmp/z | gunzip | sha256sum; zcat /tmp/z | tail -1; gzip -t /tmp/z && echo whole", cpus);
}
