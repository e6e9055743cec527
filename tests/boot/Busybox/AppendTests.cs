using Microkernel.Image.Run;

namespace Microkernel.Boot.Tests.Busybox;

/// <summary>Processes that append to one file at the same time.</summary>
public sealed class AppendTests
{
    /// <summary>
    /// 64 KiB is the largest block of the client's pool, hence one request. Cut into blocks again, the file must consist of 100 whole blocks of each letter.
    /// The last line says that the two really took turns, for which they have five tries.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Writes_of_one_block_never_interleave(int cpus)
    {
        BootAnswer answer = await Boot.Run(
            """
            cd /tmp
            for letter in a b; do head -c 6553600 /dev/zero | tr '\0' $letter >$letter; done
            append() { dd if=$1 bs=65536 oflag=append conv=notrunc of=both 2>/dev/null; }
            turns() { tr -s ab <both | wc -c; }
            for try in 1 2 3 4 5; do >both; append a & append b & wait; [ $(turns) -gt 2 ] && break; done
            i=0; while [ $i -lt 200 ]; do dd if=both bs=65536 skip=$i count=1 2>/dev/null | md5sum; i=$((i + 1)); done | sort | uniq -c | awk '{ print $1 }'
            [ $(turns) -gt 2 ] && echo at the same time
            """, TargetSystem.Microkernel, cpus);
        Assert.True(answer is { ExitStatus: 0, Text: "100\n100\nat the same time\n" }, answer.Describe("microkernel"));
    }
}
