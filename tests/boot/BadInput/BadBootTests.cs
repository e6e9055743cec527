using System.Buffers.Binary;
using Libsys.Abi;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.BadInput;

/// <summary>What a boot loader may hand over that is wrong, and machines that are too small: a clear line in the log and the end, never a hang.</summary>
public sealed class BadBootTests : IDisposable
{
    private readonly string directory = Directory.CreateTempSubdirectory("boot-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task An_archive_that_is_as_it_should_be_boots_this_way()
    {
        (int code, string log) = await Start(archive => archive);
        Assert.True(code == QemuCommandLine.PowerOffExitCode, log);
    }

    [Theory]
    [InlineData("half")]
    [InlineData("only the header")]
    [InlineData("empty")]
    [InlineData("magic")]
    [InlineData("version")]
    [InlineData("name")]
    [InlineData("data offset")]
    [InlineData("entry count")]
    public async Task A_corrupt_or_truncated_archive_is_refused(string damage)
    {
        (int code, string log) = await Start(archive => Damage(archive, damage));
        Assert.True(code is not (0 or QemuCommandLine.PowerOffExitCode), $"exit code {code}\n{log}");
        Assert.Matches("(?i)archive", log);
    }

    [Theory]
    // With less than the archive, 18 MiB, the firmware cannot load it, and no code of the system runs.
    [InlineData(20)]
    [InlineData(24)]
    [InlineData(48)]
    public async Task A_machine_below_the_least_memory_boots_or_says_why_not(int megabytes)
    {
        // ./run takes no less than 64M. Where the true limit lies depends on what the archive holds.
        (int code, string log) = await Start(archive => archive, megabytes);
        if (code == QemuCommandLine.PowerOffExitCode)
            return;
        Assert.True(code != 0, $"exit code {code}\n{log}");
        Assert.Matches("(?i)memory|archive", log);
    }

    [Fact]
    public async Task Memory_that_the_servers_are_promised_is_missed_before_the_boot()
    {
        var request = new RunRequest { Command = "true"u8.ToArray(), Memory = 64 << 20 };
        ImageException error = await Assert.ThrowsAsync<ImageException>(() => Boot.Run(request));
        Assert.StartsWith("MEM=64M is less than the ", error.Message);
    }

    [Theory]
    [InlineData("awk 'BEGIN { while (1) s[i++] = sprintf(\"%1000s\", i) }'")]
    [InlineData("dd if=/dev/zero of=/tmp/all bs=1M; rm /tmp/all; false")]
    [InlineData("x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done")]
    public async Task A_program_that_wants_all_memory_is_ended_and_the_system_goes_on(string program)
    {
        BootAnswer answer = await Boot.Run(
            $"/bin/sh -c {Quoted(program)} >/dev/null 2>&1; echo status $?; seq 1000 | sort -n | tail -n 1; echo alive", TargetSystem.Microkernel);
        Assert.True(answer is { ExitStatus: 0 } && answer.Text.EndsWith("\n1000\nalive\n", StringComparison.Ordinal), answer.Describe("microkernel"));
        Assert.DoesNotContain("status 0\n", answer.Text);
    }

    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''") + "'";

    private static byte[] Damage(byte[] archive, string damage)
    {
        // An entry of the root file system in the middle.
        int entry = BootArchive.HeaderSize + BootArchive.EntrySize * (int)(BinaryPrimitives.ReadUInt32LittleEndian(archive.AsSpan(12)) / 2);
        switch (damage)
        {
            case "half": return archive[..(archive.Length / 2)];
            case "only the header": return archive[..BootArchive.HeaderSize];
            case "empty": return [];
            case "magic": archive[0] ^= 1; break;
            case "version": archive[8] ^= 0x10; break;
            case "name": archive[(int)BinaryPrimitives.ReadUInt64LittleEndian(archive.AsSpan(24)) + 3] ^= 0x40; break;
            case "data offset": archive[entry + 44] = 0x7f; break;
            case "entry count": archive[14] = 0xff; break;
        }

        return archive;
    }

    private Task<(int Code, string Log)> Start(Func<byte[], byte[]> change, int? megabytes = null) =>
        BadBoot.Start(new RunRequest { Command = "true"u8.ToArray() }, directory, files =>
        {
            File.WriteAllBytes(files.Archive, change(File.ReadAllBytes(files.Archive)));
            return files;
        }, megabytes);
}
