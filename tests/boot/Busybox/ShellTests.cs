namespace Microkernel.Boot.Tests.Busybox;

/// <summary>The shell's own work, and the text tools that scripts use.</summary>
[Trait("Stage", "6")]
public sealed class ShellTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Here_documents_functions_and_substitutions(int cpus) =>
        LinuxOracle.SameAsLinux(
            """
            f() { local x=$1; echo "f $x $#"; return 4; }
            cat <<END
            home $HOME, sum $((6 * 7)), command $(f a b)
            END
            cat <<'END'
            $HOME `no`
            END
            f "$(printf 'a\nb')"; echo $?
            set -- one "two three"; for x; do echo "[$x]"; done
            while read -r a b; do echo "$b-$a"; done <<END
            1 2
            3 4
            END
            echo a{b}c *.none "$(echo x | tr x y)" ${HOME#/r} ${none:-default}
            """,
            cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Redirections_and_pipes(int cpus) =>
        LinuxOracle.SameAsLinux(
            "cd /tmp; echo a >f; echo b >>f; cat <f; exec 5<>f; read x <&5; echo $x; ls none 2>e; wc -c <e; (echo out; echo err >&2) 2>&1 >g | tr a-z A-Z; " +
            "cat g; false | true; echo $?; echo x >/dev/full; echo $?; echo left | { sleep 0.2; cat /dev/fd/0; }; " +
            "timeout 5 bash -c 'cat <(echo one) <(echo two)'; echo $?",
            cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Awk_and_sed(int cpus) =>
        LinuxOracle.SameAsLinux(
            "seq 1 1000 | awk '{ s += $1; n[$1 % 3]++ } END { print s, n[0], n[1], n[2]; printf \"%.3f %s\\n\", s / 7, toupper(\"x\") }'; " +
            "seq 1 20 | sed -n -e '3,5p' -e 's/^1\\(.\\)$/<\\1>/p' -e '$='; echo a,b,c | sed 's/,/;/g' | cut -d';' -f2",
            cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task Dates_and_mounts(int cpus) =>
        LinuxOracle.SameAsLinux(
            "date -u -d @1000000000; date -u -d @0 +%F; [ $(date +%s) -gt 1735689600 ] && echo now; " +
            "mount -t tmpfs none /mnt && mount | awk '$3 == \"/mnt\" { print $1, $3, $5 }'; echo x >/mnt/f; cat /mnt/f; umount /mnt; ls /mnt; " +
            "mount | awk '{ print $3 }'",
            cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task The_host_has_a_name(int cpus) =>
        LinuxOracle.SameAsLinux(
            """
            show() { uname -n; cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname; }
            show; hostname box.example.org; show; hostname -s; sh -c hostname
            printf 'a b\ncd' >/proc/sys/kernel/hostname; show
            echo x >/proc/sys/kernel/hostname; echo yz >>/proc/sys/kernel/hostname; echo dom >/proc/sys/kernel/domainname; show
            hostname $(printf '%064d' 8); echo $?; hostname $(printf '%065d' 9); echo $?; show
            printf '%080d' 7 >/proc/sys/kernel/hostname; show
            su -s /bin/sh nobody -c 'hostname no; echo $?; echo x >/proc/sys/kernel/hostname; echo $?; hostname'
            """,
            cpus);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public Task The_number_of_cpus_is_the_machine_s(int cpus) =>
        LinuxOracle.SameAsLinux("nproc; grep -c ^processor /proc/cpuinfo; grep -c '^cpu[0-9]' /proc/stat", cpus, linuxCpus: cpus);
}
