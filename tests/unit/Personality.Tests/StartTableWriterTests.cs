using System.Text;
using CsCheck;
using Libsys.Abi;

namespace Libsys.Personality.Tests;

public class StartTableWriterTests
{
    private static readonly Gen<byte[]> Text = Gen.Byte[1, 255].Array[0, 40];

    [Fact]
    public void The_lengths_match_the_declared_structures()
    {
        Assert.Equal(StartTableWriter.HeaderLength, StartTableBytes.DeclaredHeaderLength);
        Assert.Equal(StartTableWriter.DescriptorLength, StartTableBytes.DeclaredDescriptorLength);
    }

    [Fact]
    public void What_was_written_is_read_back() =>
        Gen.Select(Text, Text.Array[0, 8], Text.Array[0, 8], Gen.Select(Gen.UInt, Gen.UInt, Gen.UInt[0, 1]).Array[0, 8])
        .Sample((path, arguments, environment, descriptors) =>
        {
            byte[] table = StartTableBytes.Write(4096, path, arguments, environment, descriptors)!;
            StartTable header = StartTableBytes.Header(table);
            Assert.Equal(StartTable.MagicValue, header.Magic);
            Assert.Equal((uint)table.Length, header.Length);
            Assert.Equal((uint)StartMode.Exec, header.Mode);
            Assert.Equal(path, StringAt(table, header.Path));
            Assert.Equal(arguments, Strings(table, header.Arguments, header.ArgumentCount));
            Assert.Equal(environment, Strings(table, header.Environment, header.EnvironmentCount));
            Assert.Equal((uint)descriptors.Length, header.DescriptorCount);
            for (int i = 0; i < descriptors.Length; i++)
            {
                StartDescriptor found = StartTableBytes.Descriptor(table, i);
                Assert.Equal(descriptors[i], (found.Fd, found.Handle, found.Flags));
            }

            Assert.Equal((7u, 8ul, 9ul, 0x12u, 3u), (header.PathBase, header.SignalMask, header.SignalsIgnored, header.FileMask, header.ProcessSlot));
            Assert.Equal(0u, header.HandleCount);
        });

    [Fact]
    public void A_table_that_does_not_fit_is_refused() => Gen.Int[StartTableWriter.HeaderLength, 400].Sample(capacity =>
    {
        byte[] text = Encoding.ASCII.GetBytes(new string('x', 100));
        byte[]? table = StartTableBytes.Write(capacity, text, [text], [text], [(0, 0, 0)]);
        Assert.Equal(capacity >= StartTableWriter.HeaderLength + StartTableWriter.DescriptorLength + 8 + (3 * 101), table != null);
    });

    private static byte[][] Strings(byte[] table, uint array, uint count) =>
        [.. Enumerable.Range(0, (int)count).Select(i => StringAt(table, LittleEndian.UInt32(table, (int)array + (i * 4))))];

    private static byte[] StringAt(byte[] table, uint offset) => table[(int)offset..Array.IndexOf(table, (byte)0, (int)offset)];
}
