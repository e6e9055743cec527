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

    // NOISE_ATTACKS=1400 is the campaign: each attack writes some 500 words of noise, between 830 operations on what lies there.
    private const int FewAttacks = 40;

    private static readonly int Attacks = int.TryParse(Environment.GetEnvironmentVariable("NOISE_ATTACKS"), CultureInfo.InvariantCulture, out int value)
        ? value : FewAttacks;

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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Noise_in_every_shared_area_harms_only_who_writes_it(int cpus)
    {
        // Rounds of three checking programs, beside attackers: until each has done enough.
        const int rounds = 15;
        int mostRounds = 8 * Attacks;
        using var overlay = new ProgramOverlay("Hostile", "EventChecks");
        BootAnswer answer = await Boot.Run($$"""
            free() { sed -n '/^MemFree/s/[^0-9]//gp' /proc/meminfo; }
            attack() { while :; do /Hostile n $1$i 20 </dev/null >/dev/null 2>&1; i=$((i+1)); done }
            mkdir -m 1777 /attack; cd /attack; /EventChecks s >/first; before=$(free)
            umask 0; i=0; attack 1 & a=$!; attack 2 & b=$!
            done=0; i=0; while [ $i -lt {{mostRounds}} ] && { [ $i -lt {{rounds}} ] || [ $done -lt {{Attacks}} ]; }; do
              seq 5000 | cat | sha256sum >>/pipes; /EventChecks s >/again; cmp /first /again && echo same >>/counters
              seq 5000 >/file; sha256sum </file >>/files; i=$((i+1)); done=$(cat /attack/c | wc -c)
            done
            # A child that the loops had just made is not Hostile yet when the first killall looks.
            kill -KILL $a $b; wait 2>/dev/null; for n in 1 2 3 4 5; do killall -9 Hostile 2>/dev/null; sleep 1; done
            sort -u /pipes | cut -c 1-8; sort -u /files | cut -c 1-8; test $(grep -c same /counters) = $i && echo same
            cd /; rm -rf /attack
            cd /sys/servers; for s in *; do echo $s $(cat $s/state $s/generation); done
            ps -o args | grep -c '^/Hostile'
            test $done -ge {{Attacks}} && echo attacked
            echo $((before - $(free)))
            """, TargetSystem.Microkernel, cpus, overlay.Directory, Boot.DefaultTimeout * Math.Max(Attacks / FewAttacks, 1));

        string[] lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string numbers = string.Concat(Enumerable.Range(1, 5000).Select(number => number.ToString(CultureInfo.InvariantCulture) + "\n"));
        string sum = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(numbers)));
        string[] expected =
            [sum[..8], sum[..8], "same", .. Servers().Select(server => server + " running 1"), "0", "attacked"];
        Assert.True(answer.ExitStatus == 0 && lines[..^1].SequenceEqual(expected), answer.Describe("microkernel"));
        Assert.InRange(long.Parse(lines[^1], CultureInfo.InvariantCulture), long.MinValue, MostKeptKiB);
    }

    [Fact]
    public async Task A_program_that_runs_cannot_say_that_it_is_loaded()
    {
        using var overlay = new ProgramOverlay("Hostile");
        BootAnswer answer = await Boot.Run("exec /Hostile e 1 1", TargetSystem.Microkernel, 1, overlay.Directory);
        const string expected = """
            ExecCommit -38
            ExecCommit with handles -38
            ExecFail -38
            Exec -22
            Exec -22
            Exec -22
            Exec -22
            Exec -22
            Exec -22
            the same process 1
            with its descriptors 0

            """;
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("microkernel"));
    }

    [Fact]
    public async Task All_areas_that_a_program_shares_are_known_and_what_it_only_reads_it_cannot_write()
    {
        using var overlay = new ProgramOverlay("Hostile");
        BootAnswer answer = await Boot.Run(
            "mkdir -m 1777 /attack; cd /attack; exec /Hostile a 1 1", TargetSystem.Microkernel, 2, overlay.Directory);
        const string expected = """
            memory sources 1
            streams 1
            slots of files 1
            rings and pool 1
            pages of files to write 1
            areas for reading, as many or more 2
            written all the same 0

            """;
        Assert.True(answer.ExitStatus == 0 && answer.Text == expected, answer.Describe("microkernel"));
    }

    private static IEnumerable<string> Servers() =>
        MachineConfiguration.Load(RepositoryLayout.Find(), "default").Manifest.Servers.Select(server => server.Name).Append("supervisor").Order();

    private static string Line(int number) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture) + "\n"))) + "  -";

    [GeneratedRegex("vfs: connection [0-9]+ broke the ring protocol and is closed")]
    private static partial Regex BrokenConnection();
}
