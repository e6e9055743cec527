using System.Buffers.Binary;
using System.IO.Hashing;
using Libsys.Hosting;
using Servers.Vfs.Blocks;
using Servers.Vfs.Blocks.Partitions;
using Servers.Vfs.Pages;

namespace Servers.Vfs.Tests.Blocks;

/// <summary>Tables of partitions, whole, damaged and hostile. What Linux shows of the same bytes is in the boot tests.</summary>
public sealed class PartitionScanTests
{
    private const int Sector = 512, DiskSectors = 4096;

    private readonly byte[] bytes = new byte[DiskSectors * Sector];

    [Fact]
    public void A_disk_without_a_table_has_no_partitions()
    {
        Check([]);
        new Random(1).NextBytes(bytes);
        bytes[510] = 0;
        Check([]);
    }

    [Fact]
    public void The_four_of_an_mbr_and_the_logical_ones_behind_have_their_numbers()
    {
        WriteTable(0, (0x83, 63, 100), (0, 0, 0), (0x05, 1000, 1000), (0x82, 3000, 96));
        WriteTable(1000, (0x83, 10, 200), (0x05, 300, 400));
        WriteTable(1300, (0x07, 1, 399));
        Check([new(1, 63, 100), new(3, 1000, 2), new(4, 3000, 96), new(5, 1010, 200), new(6, 1301, 399)]);
    }

    [Fact]
    public void What_lies_beyond_the_disk_is_left_out_and_said()
    {
        WriteTable(0, (0x83, 4000, 97), (0x83, 4000, 96), (0x83, uint.MaxValue, uint.MaxValue));
        (Partition[] found, string? wrong) = Scan();
        Assert.Equal([new Partition(2, 4000, 96)], found);
        Assert.NotNull(wrong);
    }

    [Fact]
    public void A_chain_of_logical_partitions_that_leads_back_ends()
    {
        WriteTable(0, (0x05, 1000, 1000));
        WriteTable(1000, (0x83, 1, 10), (0x05, 100, 100));
        WriteTable(1100, (0x83, 1, 10), (0x05, 0, 100));
        Assert.Equal(3, Scan().Found.Length);
        WriteTable(1100, (0x83, 1, 10), (0x05, 100, 100));
        Assert.Equal(3, Scan().Found.Length);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void A_gpt_is_read_in_logical_blocks(int block)
    {
        WriteGpt(block, (1, 40, 49), (3, 100, 100));
        int sectors = block / Sector;
        Check([new Partition(1, 40 * sectors, 10 * sectors), new Partition(3, 100 * sectors, sectors)], block);
    }

    [Fact]
    public void A_damaged_gpt_shows_nothing_and_is_said()
    {
        for (int position = Sector; position < Sector + 92; position += 3)
        {
            WriteGpt(Sector, (1, 40, 49));
            bytes[position] ^= 0x10;
            (Partition[] found, string? wrong) = Scan();
            Assert.True(found.Length == 0 && wrong != null, $"a bit at {position}");
        }

        WriteGpt(Sector, (1, 40, 49));
        bytes[2 * Sector + 40] ^= 1;
        Assert.NotNull(Scan().Wrong);
        Assert.Empty(Scan().Found);
    }

    [Fact]
    public void Random_tables_end_in_partitions_within_the_disk()
    {
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            WriteGpt(Sector, (1, (ulong)random.NextInt64(), (ulong)random.NextInt64()), (2, 40, (ulong)random.Next()));
            if (seed % 2 == 0)
            {
                WriteTable(0, ((byte)random.Next(16), (uint)random.Next(), (uint)random.Next(5000)), (0x05, (uint)random.Next(5000), (uint)random.Next()));
                WriteTable(random.Next(DiskSectors), (0x83, (uint)random.Next(100), 3), (0x0F, (uint)random.Next(5000), 1));
            }

            Assert.All(Scan().Found, static partition => Assert.True(partition.FitsInto(DiskSectors)));
        }
    }

    [Fact]
    public void A_disk_that_cannot_be_read_or_has_few_sectors_ends_it()
    {
        Assert.NotNull(Scan(fails: true).Wrong);
        WriteTable(0, (0xEE, 1, 1));
        Assert.NotNull(Scan(sectors: 1).Wrong);
    }

    private void Check(Partition[] expected, int block = Sector)
    {
        (Partition[] found, string? wrong) = Scan(block);
        Assert.Equal(expected, found);
        Assert.Null(wrong);
    }

    private (Partition[] Found, string? Wrong) Scan(int block = Sector, bool fails = false, int sectors = DiskSectors)
    {
        var arena = new HeapArena(256);
        var cache = new PageCache(arena, new TestMappings(arena), new Budget(1 << 20), static () => 0);
        var disk = new ArrayDisk(bytes[..(sectors * Sector)], arena, block) { Fails = fails };
        (Partition[] Found, string? Wrong)? result = null;
        new PartitionScan(new BlockDevice(disk, "vda", 0, 0, sectors, cache), cache.Slots, (found, wrong) =>
        {
            Assert.Null(result);
            result = ([.. found], wrong);
        }).Start();
        while (disk.Step())
        {
        }

        Assert.Equal(0, cache.Slots.Used);
        return result!.Value;
    }

    private void WriteTable(int sector, params (byte Type, uint First, uint Count)[] entries)
    {
        Span<byte> table = bytes.AsSpan(sector * Sector, Sector);
        table.Clear();
        for (int number = 0; number < entries.Length; number++)
        {
            Span<byte> entry = table[(446 + number * 16)..];
            entry[4] = entries[number].Type;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[number].First);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], entries[number].Count);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(table[510..], 0xAA55);
    }

    private void WriteGpt(int block, params (int Number, ulong First, ulong Last)[] partitions)
    {
        bytes.AsSpan().Clear();
        WriteTable(0, (0xEE, 1, DiskSectors - 1));
        Span<byte> entries = bytes.AsSpan(2 * block, 128 * 128), header = bytes.AsSpan(block, block);
        foreach ((int number, ulong first, ulong last) in partitions)
        {
            Span<byte> entry = entries[((number - 1) * 128)..];
            entry[0] = 7;
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], first);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], last);
        }

        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], 0x10000);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], 92);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], 1);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], 2);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], 128);
        BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.HashToUInt32(entries));
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.HashToUInt32(header[..92]));
    }
}
