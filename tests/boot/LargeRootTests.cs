using System.Text;
using Microkernel.Boot.Tests.BadInput;
using Microkernel.Image.Root;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests;

/// <summary>A root beyond what an initrd of the machine could be, as a tree with one large file and many small ones.</summary>
public sealed class LargeRootTests : IDisposable
{
    private const long Length = 900L << 20;
    private const int Files = 3000;
    private const int Marked = 1 << 20;

    private readonly string directory = Directory.CreateTempSubdirectory("large-root-").FullName;

    public void Dispose() => Directory.Delete(directory, recursive: true);

    [Fact]
    public async Task A_root_beyond_768_MiB_boots_and_its_files_are_right_at_both_ends_and_in_the_middle()
    {
        string[] sums = MakeTree();
        string command =
            "for at in 0 450 899; do dd if=/data/large bs=1M count=1 skip=$at 2>/dev/null | sha256sum; done; stat -c %s /data/large; " +
            "cat /data/small/* | sha256sum; ls /data/small | wc -l; cat /data/small/2999; " +
            "dd if=/data/large bs=4k count=1 skip=1000 2>/dev/null | tr -d '\\0' | wc -c; " +
            "printf x | dd of=/data/large bs=1 seek=471859200 conv=notrunc 2>/dev/null; dd if=/data/large bs=1M count=1 skip=450 2>/dev/null | head -c 1";
        BootAnswer answer = await Boot.Run(new RunRequest
        {
            Root = directory, Command = Encoding.UTF8.GetBytes(command), Timeout = Boot.DefaultTimeout,
        });
        string expected = $"{sums[0]}  -\n{sums[1]}  -\n{sums[2]}  -\n{Length}\n{sums[3]}  -\n{Files}\nfile 2999\n0\nx";
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("microkernel") + expected);
    }

    [Theory]
    [InlineData(false, "the root image is missing")]
    [InlineData(true, "another root image belongs to it")]
    public async Task A_machine_without_the_right_image_says_so(bool hasAnother, string message)
    {
        MakeTree();
        var request = new RunRequest { Command = "true"u8.ToArray(), Root = directory };
        (int code, string log) = await BadBoot.Start(request, directory, files => files with { Image = hasAnother ? Another(files.Image!) : null });
        Assert.True(code is not (0 or QemuCommandLine.PowerOffExitCode), $"exit code {code}\n{log}");
        Assert.Contains(message, log, StringComparison.Ordinal);
    }

    private RootImage Another(RootImage image)
    {
        string file = Path.Combine(directory, "other");
        using FileStream stream = File.Create(file);
        stream.SetLength(image.Length);
        return image with { File = file };
    }

    // Between the marked parts are holes, which cost no room on the build machine. The sums: first, middle and last mebibyte, all small files.
    private string[] MakeTree()
    {
        Directory.CreateDirectory(Path.Combine(directory, "data/small"));
        Directory.CreateDirectory(Path.Combine(directory, "bin"));
        File.Copy("/bin/busybox", Path.Combine(directory, "bin/busybox"));
        foreach (string applet in new[] { "sh", "cat", "ls", "wc", "dd", "stat", "sha256sum", "tr", "head", "printf", "true" })
            File.CreateSymbolicLink(Path.Combine(directory, "bin", applet), "busybox");

        var sums = new List<string>();
        using FileStream large = File.Create(Path.Combine(directory, "data/large"));
        large.SetLength(Length);
        foreach (long at in new[] { 0, Length / 2, Length - Marked })
        {
            byte[] pattern = [.. Enumerable.Range(0, Marked).Select(position => (byte)((position * 7 + position / 4096 + at / Marked) % 251))];
            large.Position = at;
            large.Write(pattern);
            sums.Add(Sum(pattern));
        }

        var all = new StringBuilder();
        foreach (string name in Enumerable.Range(0, Files).Select(number => $"{number}").Order(StringComparer.Ordinal))
        {
            File.WriteAllText(Path.Combine(directory, "data/small", name), $"file {name}\n");
            all.Append($"file {name}\n");
        }

        sums.Add(Sum(Encoding.ASCII.GetBytes(all.ToString())));
        return [.. sums];
    }

    private static string Sum(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
}
