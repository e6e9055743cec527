using System.Text;
using Microkernel.Image.Profile;

namespace Microkernel.Image.Tests.Profile;

/// <summary>Reads what QEMU 7.2 writes with the log items exec and nochain.</summary>
public sealed class InstructionTraceTests
{
    private const string Trace = """
        Trace 0: 0x7f8f44000100 [0000000000000000/ffffffff80001234/00c0c0b3/ff000001] syscall_entry
        Stopped execution of TB chain before 0x7f8f44000100 [ffffffff80001234]
        Trace 0: 0x7f8f44000200 [0000000000000000/000000000047abcd/00c0c0b3/ff000001] 

        """;

    // However the bytes of the pipe are cut.
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Addresses_are_read_in_their_order(int piece)
    {
        var executed = new List<ulong>();
        var trace = new InstructionTrace(executed.Add);
        foreach (byte[] bytes in Encoding.ASCII.GetBytes(Trace).Chunk(piece))
            trace.Take(bytes);
        Assert.Equal([0xffffffff80001234, 0x47abcd], executed);
    }
}
