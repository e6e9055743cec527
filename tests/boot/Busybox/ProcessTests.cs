namespace Microkernel.Boot.Tests.Busybox;

/// <summary>Processes, signals and job control without a terminal.</summary>
[Trait("Stage", "6")]
public sealed class ProcessTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Forking_2000_times(int cpus) =>
        LinuxOracle.SameAsLinux("i=0; while [ $i -lt 2000 ]; do (exit $((i % 7))); s=$((s + $?)); i=$((i + 1)); done; echo $i $s", cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Background_jobs_kill_and_wait(int cpus) =>
        LinuxOracle.SameAsLinux(
            "sleep 100 & a=$!; (sleep 0.2; exit 5) & b=$!; kill $a; { wait $a; } 2>/dev/null; echo $?; wait $b; echo $?; " +
            "kill -0 $a 2>/dev/null || echo gone; kill -9 $$; echo never",
            cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Traps_run_once_for_each_signal(int cpus) =>
        LinuxOracle.SameAsLinux(
            "trap 'echo usr1' USR1; trap 'echo leaving; exit 9' TERM; trap 'echo at exit' EXIT; kill -USR1 $$; (sleep 0.3; kill -TERM $$) & while :; " +
            "do sleep 0.1; done",
            cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Ps_and_top_show_what_runs(int cpus) =>
        LinuxOracle.SameAsLinux(
            """
            sleep 321 & sleep 0.5; ps >/tmp/ps; top -bn1 >/tmp/top; kill $!
            awk '$3 == "sleep" { print $2, $3, $4 } $1 == 1 { print $3, $4, $5 }' /tmp/ps
            grep -c ' sleep 321$' /tmp/top; head -3 /tmp/top | awk '{ print $1 }'
            """,
            cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Xargs_starts_programs(int cpus) =>
        LinuxOracle.SameAsLinux("seq 1 500 | xargs -n 20 echo | sha256sum; ls /bin | xargs -I{} -n 1 basename /bin/{} | tail -3; echo x | xargs false; " +
            "echo $?", cpus);

    [Fact]
    public Task Limits_of_file_size_and_of_privileges_are_Linux_s() =>
        LinuxOracle.SameAsLinux(
            """
            cd /tmp
            (ulimit -f 2; dd if=/dev/zero of=a bs=1k count=10 2>/dev/null; echo $?; stat -c %s a)
            trap '' XFSZ
            (ulimit -f 2; dd if=/dev/zero of=b bs=1k count=10 2>/dev/null; echo $?; cp /bin/busybox c; echo $?; stat -c %s b c; echo x >>c; echo $?)
            (ulimit -f 2; truncate -s 2000 d; echo $?; truncate -s 1024 d; echo $?; fallocate -l 1025 d; echo $?
                seq 2000 | wc -c; bash -c 'seq 2000 >e'; echo $?; stat -c %s d e)
            seq 2000 >e; stat -c %s e
            setpriv --dump; echo $?
            """,
            cpus: 2);
}
