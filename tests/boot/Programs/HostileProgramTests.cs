using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microkernel.Image;
using Microkernel.Image.Configuration;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Programs;

/// <summary>A program that means harm, tests/programs/bare/Hostile: it fails itself, and nobody else.</summary>
public sealed partial class HostileProgramTests
{
    private const int Others = 100;

    // What the heaps of servers may keep of the attack: the budgets of their clients and what the collector has not given back.
    private const long MostKeptKiB = 32 << 10;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Others_go_on_and_no_server_fails(int cpus)
    {
        using var overlay = new ProgramOverlay("Hostile");
        BootAnswer answer = await Boot.Run($$"""
            free() { sed -n '/^MemFree/s/[^0-9]//gp' /proc/meminfo; }
            # Its output would be this one's, where it may write what it likes: what comes out shall be the others' alone.
            attack() { /Hostile "$@" </dev/null >/dev/null 2>&1 & p="$p $!"; }
            mkdir -m 1777 /attack; cd /attack; before=$(free)
            p=; for s in 1 2 3 4; do attack r $s 300; attack c 1$s 2000; done
            attack l 30 3
            i=0; while [ $i -lt {{Others}} ]; do echo $i | sha256sum; i=$((i+1)); done
            sleep 2; kill -KILL $p 2>/dev/null; wait 2>/dev/null
            cd /; rm -rf /attack
            cd /sys/servers; for s in *; do echo $s $(cat $s/state $s/generation); done
            ps -o args | grep -c '^/Hostile'
            echo $((before - $(free)))
            """, TargetSystem.Microkernel, cpus, overlay.Directory);

        string[] lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] expected = [.. Enumerable.Range(0, Others).Select(Line), .. Servers().Select(server => server + " running 1"), "0"];
        Assert.True(answer.ExitStatus == 0 && lines[..^1].SequenceEqual(expected), answer.Describe("microkernel"));
        Assert.InRange(long.Parse(lines[^1], CultureInfo.InvariantCulture), long.MinValue, MostKeptKiB);

        // Else the program was not as hostile as it looks.
        Assert.NotEmpty(BrokenConnection().Matches(await File.ReadAllTextAsync(answer.LogPath)));
    }

    private static IEnumerable<string> Servers() =>
        MachineConfiguration.Load(RepositoryLayout.Find(), "default").Manifest.Servers.Select(server => server.Name).Append("supervisor").Order();

    private static string Line(int number) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture) + "\n"))) + "  -";

    [GeneratedRegex("vfs: connection [0-9]+ broke the ring protocol and is closed")]
    private static partial Regex BrokenConnection();
}
