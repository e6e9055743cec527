using Microkernel.Image;
using Microkernel.Image.Root;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.BadInput;

/// <summary>Programs that are none, and arguments that are too long: an errno as on Linux, or the end of that program alone.</summary>
public sealed class BadProgramTests : IDisposable
{
    private const string EachBad =
        "for f in /bad/*; do cp $f /tmp/program; chmod 755 /tmp/program; timeout -s KILL 5 /exec-status true 2>/dev/null; echo ${f##*/} $?; done 2>/dev/null";

    private readonly string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;

    public void Dispose() => Directory.Delete(overlay, recursive: true);

    [Fact]
    public Task A_truncated_or_lying_header_has_the_errno_that_it_has_on_Linux()
    {
        Add(BadPrograms.All);
        return LinuxOracle.SameAsLinux(EachBad, cpus: 2, overlay);
    }

    [Fact]
    public async Task What_cannot_be_mapped_ends_that_program_and_nothing_else()
    {
        Add(BadPrograms.Unmappable);
        BootAnswer answer = await Boot.Run(EachBad + "; echo alive", TargetSystem.Microkernel, overlay: overlay);
        string[] lines = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(answer.Failure is null && lines.Length > 1 && lines[^1] == "alive", answer.Describe("microkernel"));
        // An error number, or 128 + signal. What lies inside the file and is never used may as well run.
        BootAnswer linux = await LinuxOracle.Answer(EachBad + "; echo alive", overlay);
        string[] expected = linux.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach ((string here, string there) in lines.SkipLast(1).Zip(expected.SkipLast(1)))
            Assert.True(here.EndsWith(" 0", StringComparison.Ordinal) == there.EndsWith(" 0", StringComparison.Ordinal),
            $"{here}, on Linux {there}\n{answer.Text}");
    }

    [Fact]
    public Task Interpreters_of_scripts_that_lead_nowhere_are_errors() => LinuxOracle.SameAsLinux(
        """
        exec 2>&1; cd /tmp
        try() { chmod 755 /tmp/program; /exec-status x; echo $1 $?; }
        printf '#!/tmp/program\n' >program; try itself
        printf '#!/tmp/b\n' >program; printf '#!/tmp/program\n' >b; chmod 755 b; try circle
        printf '#!/no/such\n' >program; try missing
        printf '#!/etc\n' >program; try directory
        printf '#!/etc/passwd\n' >program; try forbidden
        printf '#! \n' >program; try blank
        printf '#!%5000s\n' x >program; try long
        printf '#!/bin/echo one two\n' >program; try arguments
        for i in 1 2 3 4 5 6 7; do printf "#!/tmp/s$((i - 1))\n" >s$i; chmod 755 s$i; done; cp /bin/true s0
        for i in 4 5 6 7; do cp s$i program; try depth-$i; done
        """, cpus: 2, WithExecStatus());

    [Fact]
    public Task Arguments_beyond_the_limits_are_E2BIG() => LinuxOracle.SameAsLinux(
        """
        exec 2>&1
        one() { a=$(head -c $1 /dev/zero | tr '\0' a); /usr/bin/env true $a; echo $1 $?; }
        one 131071; one 131072; one 200000
        b=$(head -c 100000 /dev/zero | tr '\0' b)
        many() { n=$1; set --; while [ $# -lt $n ]; do set -- "$@" $b; done; /usr/bin/env true "$@"; echo $n $?; }
        many 10; many 30
        echo alive
        """, cpus: 2);

    private void Add(Func<byte[], IEnumerable<(string Name, byte[] Content)>> programs)
    {
        WithExecStatus();
        RootTree tree = RootFileSystem.Build(RepositoryLayout.Find(), null, null);
        byte[] busybox = tree.Find("bin/busybox")!.Content.ToArray();
        Directory.CreateDirectory(Path.Combine(overlay, "bad"));
        foreach ((string name, byte[] content) in programs(busybox))
            File.WriteAllBytes(Path.Combine(overlay, "bad", name), content);
    }

    private string WithExecStatus()
    {
        File.Copy(Path.Combine(RepositoryLayout.Find().Build, "programs/ExecStatus"), Path.Combine(overlay, "exec-status"), overwrite: true);
        return overlay;
    }
}
