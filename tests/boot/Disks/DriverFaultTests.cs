using System.Text;
using System.Text.RegularExpressions;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>A driver of disks commits every kind of fault under a program that writes, synchronises and reads: each is found as what it is.</summary>
public sealed partial class DriverFaultTests
{
    // Each kind, and by what it is found, a pattern. Overwritten code and objects may do anything, or nothing: those are
    // for the campaign.
    private static readonly (string Fault, string Found)[] Kinds =
    [
        ("crash", "unexpected exception: System.NullReferenceException"), ("exit", "exited with status 3"), ("kill", "process ended"),
        ("hang", "of CPU time without an answer to a heartbeat"), ("deadlock", "no thread that could run"),
        ("exhaust", "unexpected exception: System.OutOfMemoryException"), ("garbage", "broke the ring protocol, found by vfs"),
        ("drop", "broke the ring protocol, found by vfs"), ("double", "broke the ring protocol|completion without a request"),
    ];

    private const int MostAsked = 8;

    // A busy host makes a driver at work look like one that hangs, or one that takes long to end: docs/supervision.md. It costs a restart.
    private const string Suspected = "|^[a-z]+ [1-9].* while a client waits";

    [Theory]
    [InlineData(DiskKind.Virtio, 1)]
    [InlineData(DiskKind.Virtio, 2)]
    [InlineData(DiskKind.Nvme, 2)]
    public async Task Every_fault_is_found_and_no_program_notices(DiskKind kind, int cpus)
    {
        (string driver, string device) = kind == DiskKind.Virtio ? ("virtio-blk", "/dev/vda") : ("nvme", "/dev/nvme0n1");
        using var disk = new TestDisk(16 << 20, seed: 8);
        // A fault is asked for until it is seen: a driver that is not running cannot commit one, and what it spoils is the answer to the next request. It is
        // idle while the writer makes its bytes.
        BootAnswer answer = await Boot.Run(Request(
            $$"""
            mount -t devtmpfs none /dev; s=/sys/servers/{{driver}}
            write() {
                i=0
                while [ ! -e /tmp/stop ]; do
                    i=$((i+1)); seq $i $((i+9000)) >/tmp/x
                    dd if=/tmp/x of={{device}} bs=4k seek=$((i%200)) conv=notrunc,fsync 2>/tmp/errors || cat /tmp/errors
                    cmp -n $(stat -c %s /tmp/x) /tmp/x {{device}} 0 $((i%200*4096)) || echo differs
                done
            }
            write & w=$!
            for f in {{string.Join(' ', Kinds.Select(static kind => kind.Fault))}} delay corrupt; do
                n=0; before=$(cat $s/restarts)
                until [ "$(cat $s/restarts)" -gt $before ] || [ $n = {{MostAsked}} ]; do echo $f >$s/inject; sleep 0.3; n=$((n+1)); done 2>/dev/null
                until [ "$(cat $s/state)" = running ]; do :; done
                echo "$f $(($(cat $s/restarts) - before)) $(cat $s/last_failure)"
            done
            touch /tmp/stop; wait $w; sleep 1; tr '\n' ' ' <$s/latency_us; echo; blockdev --flushbufs {{device}}; sha256sum <{{device}}; echo end
            """, cpus) with { Disks = [disk.Attached(kind)] });
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        string[] lines = answer.Text.Split('\n');
        for (int number = 0; number < Kinds.Length; number++)
        {
            Assert.StartsWith(Kinds[number].Fault + " ", lines[number], StringComparison.Ordinal);
            Assert.Matches(Kinds[number].Found + Suspected, lines[number]);
        }

        // A late answer is nothing. A wrong one is found unless it could be right, and then the request is made again.
        Assert.Matches("^delay 0 " + Suspected, lines[Kinds.Length]);
        Assert.Matches("^corrupt [1-9] failed: broke the ring protocol, found by vfs" + Suspected, lines[Kinds.Length + 1]);
        Assert.Matches(Latency(), lines[Kinds.Length + 2]);
        Assert.Equal([disk.Hash.ToLowerInvariant() + "  -", "end", ""], lines[(Kinds.Length + 3)..]);
    }

    [Fact]
    public async Task A_driver_that_accuses_vfs_is_ended_itself()
    {
        using var disk = new TestDisk(1 << 20, seed: 9);
        BootAnswer answer = await Boot.Run(Request(
            """
            mount -t devtmpfs none /dev; s=/sys/servers
            for n in 1 2; do
                before=$(cat $s/virtio-blk/restarts); echo accuse >$s/virtio-blk/inject
                until [ "$(cat $s/virtio-blk/restarts)" -gt $before ] && [ "$(cat $s/virtio-blk/state)" = running ]; do sleep 0.01; done
                cat $s/virtio-blk/last_failure; sha256sum </dev/vda; sleep 1
            done
            cat $s/vfs/restarts $s/pci/restarts
            """, cpus: 2) with { Disks = [disk.Attached(DiskKind.Virtio)] });
        Assert.True(answer.Failure is null, answer.Describe("microkernel"));
        string each = "failed: says that vfs broke the ring protocol, and is more likely wrong itself\n" + disk.Hash.ToLowerInvariant() + "  -\n";
        Assert.Equal(string.Concat(Enumerable.Repeat(each, 2)) + "0\n0\n", answer.Text);
    }

    private static RunRequest Request(string command, int cpus) =>
        new() { Command = Encoding.UTF8.GetBytes(command), System = TargetSystem.Microkernel, Cpus = cpus, Timeout = Boot.DefaultTimeout };

    // Each a time after the one before it.
    [GeneratedRegex("^generation [1-9][0-9]* noticed [1-9][0-9]* quiesced [1-9][0-9]* ready [1-9][0-9]* first [1-9][0-9]* $")]
    private static partial Regex Latency();
}
