namespace Microkernel.Boot.Tests.Busybox;

/// <summary>Processes that append to one file at the same time.</summary>
public sealed class AppendTests
{
    /// <summary>
    /// 64 KiB is the largest block of the client's pool, hence one request. Cut into blocks again, the file must consist of whole blocks of one letter each; the last line
    /// says that the two really took turns.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public Task Writes_of_one_block_never_interleave(int cpus) =>
        LinuxOracle.SameAsLinux(
            """
            cd /tmp
            for letter in a b; do head -c 6553600 /dev/zero | tr '\0' $letter >$letter; done
            append() { dd if=$1 bs=65536 oflag=append conv=notrunc of=both 2>/dev/null; }
            >both; append a & append b & wait
            stat -c %s both
            i=0; while [ $i -lt 200 ]; do dd if=both bs=65536 skip=$i count=1 2>/dev/null | md5sum; i=$((i + 1)); done | sort | uniq -c
            [ $(tr -s ab <both | wc -c) -gt 2 ] && echo at the same time
            """,
            cpus);
}
