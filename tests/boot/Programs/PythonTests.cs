using System.Text;
using Microkernel.Image;
using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Programs;

/// <summary>python3 and socat of Debian's packages, dynamically linked, as clients of sockets and epoll.</summary>
public sealed class PythonTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    // Each relays into the next: a listener that forks, connects, pairs of pipes, datagrams.
    private const string Relays = """
        cd /tmp
        socat -u UNIX-LISTEN:one,fork SYSTEM:'sha256sum >>sums' & listener=$!
        while ! test -S one; do sleep 0.1; done
        for i in 1 2 3; do seq $((i * 10000)) | socat -u - UNIX-CONNECT:one; done
        socat UNIX-LISTEN:two,fork EXEC:'tr a-z A-Z' & second=$!
        while ! test -S two; do sleep 0.1; done
        echo relayed | socat -t 30 - UNIX-CONNECT:two
        socat -u UNIX-RECV:three OPEN:datagrams,creat & third=$!
        while ! test -S three; do sleep 0.1; done
        printf alone | socat -u - UNIX-SENDTO:three
        echo answer | socat -t 30 - ABSTRACT-LISTEN:four >question & fourth=$!
        until echo question | socat -t 30 - ABSTRACT-CONNECT:four 2>>tries; do sleep 0.1; done
        wait $fourth; cat question
        until test -s datagrams && test $(wc -l <sums) = 3; do sleep 0.1; done
        kill $listener $second $third; sort sums; cat datagrams; echo; echo refused
        socat -u - UNIX-CONNECT:one </dev/null 2>/dev/null || echo $?
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Sockets_selectors_and_event_loops_are_as_on_Linux(int cpus) => SameAsLinux("python3 /socket-clients.py 2>&1", cpus, "done");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Sets_go_on_after_fork_and_exec_as_on_Linux(int cpus) => SameAsLinux("python3 /shared-sets.py 2>&1", cpus, "done");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Threads_take_turns_on_one_set_as_on_Linux(int cpus) => SameAsLinux("python3 /epoll-threads.py 2>&1", cpus, "done");

    [Fact]
    public Task Relays_of_socat_are_as_on_Linux() => SameAsLinux(Relays, 2, "refused\n1");

    // Those of `make jobs` for which this root has the programs, without their times.
    [Fact]
    public Task Jobs_of_python_perl_and_bash_print_what_they_print_on_Linux() =>
        SameAsLinux("cd /jobs; rm -f [!bp]*.sh pipe*; bash all | sed 's/ [0-9]*$//' | tee /tmp/all; ! grep -v ' 0:' /tmp/all && echo jobs", 2, "jobs");

    /// <summary>Runs a command on both systems, with tests/programs/scripts in the root directory, and expects the same answer, which ends so.</summary>
    internal static async Task SameAsLinux(string command, int cpus, string last, string root = "python", long memory = 1L << 30)
    {
        string overlay = Directory.CreateTempSubdirectory("overlay-").FullName;
        try
        {
            string repository = RepositoryLayout.Find().Root;
            foreach (string script in Directory.EnumerateFiles(Path.Combine(repository, "tests/programs/scripts"), "*.py"))
                File.Copy(script, Path.Combine(overlay, Path.GetFileName(script)));
            Directory.CreateDirectory(Path.Combine(overlay, "jobs"));
            foreach (string job in Directory.GetFiles(Path.Combine(repository, "tests/bench/jobs")))
                File.Copy(job, Path.Combine(overlay, "jobs", Path.GetFileName(job)));
            BootAnswer linux = await Run(TargetSystem.Linux, 2), microkernel = await Run(TargetSystem.Microkernel, cpus);
            Assert.True(linux.ExitStatus == 0 && linux.Text.TrimEnd().EndsWith(last, StringComparison.Ordinal), linux.Describe("Linux"));
            Assert.True(linux.Text == microkernel.Text && microkernel.ExitStatus == 0, linux.Describe("Linux") + microkernel.Describe("microkernel"));
        }
        finally
        {
            Directory.Delete(overlay, recursive: true);
        }

        Task<BootAnswer> Run(TargetSystem system, int number) => Boot.Run(new RunRequest
        {
            Root = root, Overlay = overlay, System = system, Command = Encoding.UTF8.GetBytes(command), Cpus = number, Memory = memory, Timeout = Timeout,
        });
    }
}
