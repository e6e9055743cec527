using System.Text;
using System.Text.RegularExpressions;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Disks;

/// <summary>A small part of the fault campaign, docs/fault-campaign.md: drivers of disks fail all the time, and programs see nothing.</summary>
public sealed partial class FaultCampaignTests
{
    private const int Faults = 200;

    // What overwrites memory may do anything, what no checksum finds among it: that is for the campaign to count.
    private const string Kinds = "crash,exit,kill,kill-twice,hang,deadlock,exhaust,garbage,drop,double,delay,corrupt,stray,stuck";

    // Disks as they are, and those that get a file system.
    private const string Devices = "/dev/vda,/dev/nvme0n1 /dev/vdb,/dev/nvme1n1";

    // Two for each of the first, three and e2fsck for each of the others.
    private const int Programs = 12;

    [Fact]
    public async Task Drivers_fail_all_the_time_and_no_program_sees_an_error_or_a_wrong_block()
    {
        DirectoryInfo overlay = Directory.CreateTempSubdirectory("faults-");
        int seed = Environment.TickCount;
        using var first = new TestDisk(16 << 20, seed: 9);
        using var second = new TestDisk(16 << 20, seed: 10);
        using var third = new TestDisk(64 << 20, seed: 11);
        using var fourth = new TestDisk(64 << 20, seed: 12);
        try
        {
            DirectoryInfo programs = overlay.CreateSubdirectory("faults");
            foreach (string program in Directory.GetFiles(Path.Combine(RepositoryLayout.Find().Root, "tests/bench/faults"), "*.py"))
                File.Copy(program, Path.Combine(programs.FullName, Path.GetFileName(program)));
            BootAnswer answer = await Boot.Run(new RunRequest
            {
                Command = Encoding.UTF8.GetBytes(
                    $"mount -t devtmpfs none /dev; exec python3 /faults/campaign.py {seed} {Faults} virtio-blk,nvme {Kinds} {Devices}"),
                Root = "faults", Overlay = overlay.FullName, Cpus = 2, Timeout = 2 * Boot.DefaultTimeout,
                Disks =
                [
                    first.Attached(DiskKind.Virtio), third.Attached(DiskKind.Virtio), second.Attached(DiskKind.Nvme), fourth.Attached(DiskKind.Nvme),
                ],
            });
            Assert.True(answer is { Failure: null, ExitStatus: 0 }, answer.Describe($"seed {seed}"));
            string[] lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.Length == Faults + Programs && lines[Faults..].All(line => Unharmed().IsMatch(line)), answer.Describe($"seed {seed}"));
            // Half of the kinds always show, and most of the others.
            Assert.InRange(lines.Count(static line => Shown().IsMatch(line)), Faults / 2, Faults);
        }
        finally
        {
            overlay.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"^work \S+ [1-9]\d* 0 0$")]
    private static partial Regex Unharmed();

    [GeneratedRegex(@"^fault \d+ \S+ \S+ [1-9]")]
    private static partial Regex Shown();
}
